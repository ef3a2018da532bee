variable "spec" {
  description = "The Redis of the jobs: what is asked for."
  type = object({
    name              = string
    engine_version    = optional(string, "7.2")
    memory_mib        = optional(number, 1024)
    high_availability = optional(bool, true)
    eviction_policy   = optional(string, "noeviction")
    port              = optional(number, 6379)
  })
  nullable = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,62}$", var.spec.name))
    error_message = "spec.name: lower-case letters, digits and dashes, at most 63."
  }

  validation {
    condition     = can(regex("^[6-9](\\.[0-9]+)?$", var.spec.engine_version))
    error_message = "spec.engine_version: 6.0 to 9."
  }

  validation {
    condition     = var.spec.memory_mib >= 64
    error_message = "spec.memory_mib: at least 64."
  }

  validation {
    condition     = var.spec.eviction_policy == "noeviction"
    error_message = "spec.eviction_policy: noeviction; a job that is thrown away is a batch that waits for the sweeper."
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
