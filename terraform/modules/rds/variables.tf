variable "spec" {
  description = "The Postgres database, of any provider: what is asked for."
  type = object({
    name                  = string
    engine_version        = optional(string, "17")
    size                  = optional(string, "medium")
    storage_gib           = optional(number, 50)
    high_availability     = optional(bool, true)
    backup_retention_days = optional(number, 14)
    max_connections       = optional(number, 500)
    port                  = optional(number, 5432)
  })
  nullable = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,62}$", var.spec.name))
    error_message = "spec.name: lower-case letters, digits and dashes, at most 63."
  }

  validation {
    condition     = can(regex("^[0-9]+(\\.[0-9]+)?$", var.spec.engine_version)) && tonumber(split(".", var.spec.engine_version)[0]) >= 15
    error_message = "spec.engine_version: Postgres 15 or newer."
  }

  validation {
    condition     = contains(["small", "medium", "large"], var.spec.size)
    error_message = "spec.size: small, medium or large."
  }

  validation {
    condition     = var.spec.storage_gib >= 10 && var.spec.storage_gib <= 65536
    error_message = "spec.storage_gib: 10 to 65536."
  }

  validation {
    condition     = var.spec.backup_retention_days >= 0 && var.spec.backup_retention_days <= 35
    error_message = "spec.backup_retention_days: 0 to 35."
  }

  validation {
    condition     = var.spec.max_connections >= 50 && var.spec.max_connections <= 10000
    error_message = "spec.max_connections: 50 to 10000; nine services hold connections of their own."
  }

  validation {
    condition     = var.spec.port >= 1 && var.spec.port <= 65535
    error_message = "spec.port: 1 to 65535."
  }
}

variable "implementation" {
  description = "What an overlay made of it; every field is a placeholder until one does. References to secrets, never values."
  type = object({
    endpoint             = optional(string)
    app_secret_ref       = optional(object({ name = string, key = string, remote = optional(string) }))
    migration_secret_ref = optional(object({ name = string, key = string, remote = optional(string) }))
  })
  default  = {}
  nullable = false
}
