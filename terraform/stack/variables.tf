variable "environment" {
  description = "Name of the environment."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,62}$", var.environment))
    error_message = "environment: lower-case letters, digits and dashes, at most 63."
  }
}

variable "network" {
  description = "The network, as modules/vpc takes it."
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
  description = "The Kubernetes cluster, as modules/eks takes it."
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
}

variable "database" {
  description = "The Postgres database, as modules/rds takes it."
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
  description = "The Redis of the jobs; null for jobs on Postgres, as modules/redis takes it."
  type = object({
    name              = string
    engine_version    = optional(string, "7.2")
    memory_mib        = optional(number, 1024)
    high_availability = optional(bool, true)
    eviction_policy   = optional(string, "noeviction")
    port              = optional(number, 6379)
  })
  default = null
}

variable "objects" {
  description = "The object store, as modules/s3 takes it."
  type = object({
    name                   = string
    region                 = optional(string)
    versioning             = optional(bool, true)
    encryption             = optional(string, "provider")
    expire_noncurrent_days = optional(number, 30)
    port                   = optional(number, 443)
  })
  nullable = false
}

variable "events" {
  description = "The event engine; null for DuckDB in one pod, as modules/clickhouse takes it."
  type = object({
    name           = string
    engine_version = optional(string, "25.3")
    shards         = optional(number, 1)
    replicas       = optional(number, 2)
    storage_gib    = optional(number, 200)
    port           = optional(number, 8123)
  })
  default = null
}

variable "gateway" {
  description = "The way in from outside, as modules/gateway takes it."
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
}

variable "implementation" {
  description = "What an overlay's adapter gives, by contract."
  type = object({
    network = optional(object({
      vpc_id             = optional(string)
      private_subnet_ids = optional(list(string), [])
      public_subnet_ids  = optional(list(string), [])
    }), {})
    cluster = optional(object({
      endpoint                    = optional(string)
      certificate_authority_ref   = optional(string)
      storage_class               = optional(string)
      service_account_annotations = optional(map(map(string)), {})
    }), {})
    database = optional(object({
      endpoint             = optional(string)
      app_secret_ref       = optional(object({ name = string, key = string, remote = optional(string) }))
      migration_secret_ref = optional(object({ name = string, key = string, remote = optional(string) }))
    }), {})
    cache = optional(object({
      endpoint   = optional(string)
      secret_ref = optional(object({ name = string, key = string, remote = optional(string) }))
    }), {})
    objects = optional(object({
      bucket_id  = optional(string)
      endpoint   = optional(string)
      secret_ref = optional(object({ name = string, key = string, remote = optional(string) }))
    }), {})
    events = optional(object({
      endpoint   = optional(string)
      secret_ref = optional(object({ name = string, key = string, remote = optional(string) }))
    }), {})
    gateway = optional(object({
      address = optional(string)
    }), {})
  })
  default  = {}
  nullable = false
}
