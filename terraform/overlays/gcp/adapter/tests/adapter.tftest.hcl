variables {
  gcp = {
    network_id       = "projects/p/global/networks/chartly"
    subnet_ids       = ["subnet-1"]
    cluster_endpoint = "10.1.0.2"
    cluster_id       = "projects/p/locations/l/clusters/chartly"
    bucket           = "chartly-objects"
    service_accounts = { storage = "storage@p.iam.gserviceaccount.com" }

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
    condition     = output.implementation.cluster.service_account_annotations["storage"]["iam.gke.io/gcp-service-account"] == "storage@p.iam.gserviceaccount.com"
    error_message = "What is particular to this provider is lost."
  }
}

run "goes_without_redis_and_clickhouse" {
  command = plan
  variables {
    gcp = {
      network_id       = "projects/p/global/networks/chartly"
      subnet_ids       = ["subnet-1"]
      cluster_endpoint = "10.1.0.2"
      cluster_id       = "projects/p/locations/l/clusters/chartly"
      bucket           = "chartly-objects"
      service_accounts = { storage = "storage@p.iam.gserviceaccount.com" }

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
