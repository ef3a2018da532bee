variable "spec" {
  description = "The network: what is asked for."
  type = object({
    name                 = string
    cidr                 = string
    availability_zones   = optional(list(string), [])
    private_subnet_cidrs = optional(list(string), [])
    public_subnet_cidrs  = optional(list(string), [])
    nat                  = optional(string, "single")
  })
  nullable = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,62}$", var.spec.name))
    error_message = "spec.name: lower-case letters, digits and dashes, at most 63."
  }

  validation {
    condition     = can(cidrnetmask(var.spec.cidr))
    error_message = "spec.cidr: an IPv4 range like 10.0.0.0/16."
  }

  validation {
    condition     = alltrue([for cidr in concat(var.spec.private_subnet_cidrs, var.spec.public_subnet_cidrs) : can(cidrnetmask(cidr))])
    error_message = "spec.*_subnet_cidrs: IPv4 ranges like 10.0.1.0/24."
  }

  validation {
    condition     = contains(["none", "single", "per_zone"], var.spec.nat)
    error_message = "spec.nat: none, single or per_zone."
  }

  validation {
    condition     = length(var.spec.private_subnet_cidrs) == 0 || length(var.spec.private_subnet_cidrs) == length(var.spec.availability_zones)
    error_message = "spec.private_subnet_cidrs: one for each availability zone."
  }
}

variable "implementation" {
  description = "What an overlay made of it; every field is a placeholder until one does. References to secrets, never values."
  type = object({
    vpc_id             = optional(string)
    private_subnet_ids = optional(list(string), [])
    public_subnet_ids  = optional(list(string), [])
  })
  default  = {}
  nullable = false
}
