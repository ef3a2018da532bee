variable "spec" {
  description = "The way in from outside: what is asked for."
  type = object({
    host = string
    tls = optional(object({
      mode        = optional(string, "secret")
      secret_name = optional(string)
    }), { secret_name = "chartly-tls" })
    ingress_class = optional(string)
    annotations   = optional(map(string), {})
    paths = optional(list(object({
      path      = string
      path_type = optional(string, "Prefix")
    })), [{ path = "/" }])
    allowed_cidrs       = optional(list(string), [])
    trusted_proxy_cidrs = optional(list(string), [])
    max_body_mib        = optional(number, 10)
  })
  nullable = false

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)*[a-z]([a-z0-9-]{0,61}[a-z0-9])?$", var.spec.host))
    error_message = "spec.host: a name like chartly.example.com."
  }

  validation {
    condition     = contains(["none", "secret", "edge"], var.spec.tls.mode)
    error_message = "spec.tls.mode: none, secret or edge."
  }

  validation {
    condition     = var.spec.tls.mode != "secret" || var.spec.tls.secret_name != null
    error_message = "spec.tls.secret_name: the Secret with the certificate, when mode is secret."
  }

  validation {
    condition     = length(var.spec.paths) > 0 && alltrue([for path in var.spec.paths : startswith(path.path, "/") && contains(["Prefix", "Exact"], path.path_type)])
    error_message = "spec.paths: at least one; each begins with / and is Prefix or Exact."
  }

  validation {
    condition     = length(distinct([for path in var.spec.paths : path.path])) == length(var.spec.paths)
    error_message = "spec.paths: no path twice."
  }

  validation {
    condition     = alltrue([for cidr in concat(var.spec.allowed_cidrs, var.spec.trusted_proxy_cidrs) : can(cidrnetmask(cidr))])
    error_message = "spec.*_cidrs: IPv4 ranges like 10.0.0.0/8."
  }

  validation {
    condition     = var.spec.max_body_mib >= 1 && var.spec.max_body_mib <= 64
    error_message = "spec.max_body_mib: 1 to 64."
  }
}

variable "implementation" {
  description = "What an overlay made of it; every field is a placeholder until one does. References to secrets, never values."
  type = object({
    address = optional(string)
  })
  default  = {}
  nullable = false
}
