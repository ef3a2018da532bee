variable "spec" {
  description = "The event engine past one machine: what is asked for."
  type = object({
    name           = string
    engine_version = optional(string, "25.3")
    shards         = optional(number, 1)
    replicas       = optional(number, 2)
    storage_gib    = optional(number, 200)
    port           = optional(number, 8123)
  })
  nullable = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,62}$", var.spec.name))
    error_message = "spec.name: lower-case letters, digits and dashes, at most 63."
  }

  validation {
    condition     = can(regex("^[0-9]{2}\\.[0-9]{1,2}$", var.spec.engine_version))
    error_message = "spec.engine_version: a release like 25.3."
  }

  validation {
    condition     = var.spec.shards >= 1 && var.spec.shards <= 256
    error_message = "spec.shards: 1 to 256."
  }

  validation {
    condition     = var.spec.replicas >= 1 && var.spec.replicas <= 9
    error_message = "spec.replicas: 1 to 9."
  }

  validation {
    condition     = var.spec.storage_gib >= 10
    error_message = "spec.storage_gib: at least 10."
  }

  validation {
    condition     = var.spec.port >= 1 && var.spec.port <= 65535
    error_message = "spec.port: 1 to 65535."
  }
}

variable "implementation" {
  description = "What an overlay made of it; every field is a placeholder until one does. References to secrets, never values."
  type = object({
    endpoint   = optional(string)
    secret_ref = optional(object({ name = string, key = string, remote = optional(string) }))
  })
  default  = {}
  nullable = false
}
