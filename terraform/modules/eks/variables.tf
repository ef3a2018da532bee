variable "spec" {
  description = "The Kubernetes cluster, of any provider: what is asked for."
  type = object({
    name               = string
    kubernetes_version = optional(string, "1.32")
    node_groups = optional(list(object({
      name = string
      size = optional(string, "medium")
      min  = optional(number, 1)
      max  = optional(number, 3)
    })), [{ name = "general" }])
    pod_cidr     = optional(string)
    service_cidr = optional(string)
  })
  nullable = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,62}$", var.spec.name))
    error_message = "spec.name: lower-case letters, digits and dashes, at most 63."
  }

  validation {
    condition     = can(regex("^1\\.[0-9]+$", var.spec.kubernetes_version)) && tonumber(split(".", var.spec.kubernetes_version)[1]) >= 27
    error_message = "spec.kubernetes_version: 1.27 or newer, like 1.32."
  }

  validation {
    condition     = length(var.spec.node_groups) > 0
    error_message = "spec.node_groups: at least one."
  }

  validation {
    condition     = alltrue([for group in var.spec.node_groups : contains(["small", "medium", "large"], group.size)])
    error_message = "spec.node_groups[*].size: small, medium or large."
  }

  validation {
    condition     = alltrue([for group in var.spec.node_groups : group.min >= 0 && group.max >= 1 && group.min <= group.max])
    error_message = "spec.node_groups[*]: min is at most max, and max at least 1."
  }
}

variable "implementation" {
  description = "What an overlay made of it; every field is a placeholder until one does. References to secrets, never values."
  type = object({
    endpoint                    = optional(string)
    certificate_authority_ref   = optional(string)
    storage_class               = optional(string)
    service_account_annotations = optional(map(map(string)), {})
  })
  default  = {}
  nullable = false
}
