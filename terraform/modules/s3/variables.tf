variable "spec" {
  description = "The object store, of any provider: what is asked for."
  type = object({
    name                   = string
    region                 = optional(string)
    versioning             = optional(bool, true)
    encryption             = optional(string, "provider")
    expire_noncurrent_days = optional(number, 30)
    port                   = optional(number, 443)
  })
  nullable = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.spec.name))
    error_message = "spec.name: 3 to 63 lower-case letters, digits, dots and dashes."
  }

  validation {
    condition     = contains(["provider", "customer_key"], var.spec.encryption)
    error_message = "spec.encryption: provider or customer_key."
  }

  validation {
    condition     = var.spec.expire_noncurrent_days >= 1 && var.spec.expire_noncurrent_days <= 3650
    error_message = "spec.expire_noncurrent_days: 1 to 3650."
  }

  validation {
    condition     = var.spec.port >= 1 && var.spec.port <= 65535
    error_message = "spec.port: 1 to 65535."
  }
}

variable "implementation" {
  description = "What an overlay made of it; every field is a placeholder until one does. References to secrets, never values."
  type = object({
    bucket_id  = optional(string)
    endpoint   = optional(string)
    secret_ref = optional(object({ name = string, key = string, remote = optional(string) }))
  })
  default  = {}
  nullable = false
}
