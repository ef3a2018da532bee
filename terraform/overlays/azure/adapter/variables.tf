variable "azure" {
  description = "What ../provider made."
  type = object({
    network_id       = string
    subnet_ids       = list(string)
    cluster_endpoint = string
    cluster_id       = string
    objects_endpoint = string
    bucket           = string
    client_ids       = optional(map(string), {})

    database_address = string
    app_secret       = string
    migration_secret = string
    cache_address    = optional(string)
    cache_secret     = optional(string)
    objects_secret   = string
    events_secret    = optional(string)
  })
  nullable = false
}
