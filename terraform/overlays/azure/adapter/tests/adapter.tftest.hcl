variables {
  azure = {
    network_id       = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/chartly"
    subnet_ids       = ["subnet-1"]
    cluster_endpoint = "https://chartly.hcp.westeurope.azmk8s.io"
    cluster_id       = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/chartly"
    objects_endpoint = "https://objects.chartly.internal"
    bucket           = "chartly-objects"
    client_ids       = { storage = "00000000-0000-0000-0000-000000000001" }

    database_address = "10.0.0.8"
    app_secret       = "prod/database"
    migration_secret = "prod/migration"
    cache_address    = "10.0.0.9"
    cache_secret     = "prod/redis"
    objects_secret   = "prod/objects"
    events_secret    = "prod/events"
  }
}

run "gives_every_contract_its_part" {
  command = plan
  assert {
    condition     = toset(keys(output.implementation)) == toset(["network", "cluster", "database", "cache", "objects", "events", "gateway"])
    error_message = "A contract has no implementation."
  }
  assert {
    condition     = output.implementation.database.app_secret_ref == { name = "chartly-database", key = "url", remote = "prod/database" }
    error_message = "The database's secret is lost on the way."
  }
  assert {
    condition     = output.implementation.objects.endpoint == "https://objects.chartly.internal"
    error_message = "What is particular to this provider is lost."
  }
}

run "goes_without_redis_and_clickhouse" {
  command = plan
  variables {
    azure = {
      network_id       = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/chartly"
      subnet_ids       = ["subnet-1"]
      cluster_endpoint = "https://chartly.hcp.westeurope.azmk8s.io"
      cluster_id       = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/chartly"
      objects_endpoint = "https://objects.chartly.internal"
      bucket           = "chartly-objects"
      client_ids       = { storage = "00000000-0000-0000-0000-000000000001" }

      database_address = "10.0.0.8"
      app_secret       = "prod/database"
      migration_secret = "prod/migration"
      cache_address    = null
      cache_secret     = null
      objects_secret   = "prod/objects"
      events_secret    = null
    }
  }
  assert {
    condition     = output.implementation.cache.secret_ref == null && output.implementation.events.secret_ref == null
    error_message = "What was not made is null."
  }
}
