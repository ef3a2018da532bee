variable "network" {
  description = "The network that is wanted: the fields of modules/vpc that this overlay reads."
  type = object({
    name                 = string
    cidr                 = string
    availability_zones   = optional(list(string), [])
    private_subnet_cidrs = optional(list(string), [])
    public_subnet_cidrs  = optional(list(string), [])
    nat                  = optional(string, "single")
  })
  nullable = false
}

variable "cluster" {
  description = "The cluster that is wanted."
  type = object({
    name               = string
    kubernetes_version = optional(string, "1.32")
    node_groups = optional(list(object({
      name = string
      size = optional(string, "medium")
      min  = optional(number, 1)
      max  = optional(number, 3)
    })), [{ name = "general" }])
  })
  nullable = false
}

variable "database" {
  description = "The database that is wanted."
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
}

variable "cache" {
  description = "The Redis that is wanted; null for none."
  type = object({
    name              = string
    engine_version    = optional(string, "7.2")
    memory_mib        = optional(number, 1024)
    high_availability = optional(bool, true)
    port              = optional(number, 6379)
  })
  default = null
}

variable "objects" {
  description = "The object store that is wanted."
  type = object({
    name                   = string
    region                 = optional(string)
    versioning             = optional(bool, true)
    encryption             = optional(string, "provider")
    expire_noncurrent_days = optional(number, 30)
  })
  nullable = false
}

variable "events_secret" {
  description = "Name in the secret store of the address of a ClickHouse that is there; null for none."
  type        = string
  default     = null
}
