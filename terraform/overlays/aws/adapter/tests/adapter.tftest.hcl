variables {
  aws = {
    vpc_id             = "vpc-1"
    private_subnet_ids = ["subnet-1", "subnet-2"]
    public_subnet_ids  = ["subnet-3"]
    cluster_endpoint   = "https://k.example.com"
    cluster_arn        = "arn:aws:eks:eu-central-1:123456789012:cluster/chartly"
    bucket             = "chartly-objects"
    bucket_region      = "eu-central-1"
    role_arns          = { storage = "arn:aws:iam::123456789012:role/storage" }

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
    condition     = output.implementation.cluster.service_account_annotations["storage"]["eks.amazonaws.com/role-arn"] == "arn:aws:iam::123456789012:role/storage"
    error_message = "What is particular to this provider is lost."
  }
}

run "goes_without_redis_and_clickhouse" {
  command = plan
  variables {
    aws = {
      vpc_id             = "vpc-1"
      private_subnet_ids = ["subnet-1", "subnet-2"]
      public_subnet_ids  = ["subnet-3"]
      cluster_endpoint   = "https://k.example.com"
      cluster_arn        = "arn:aws:eks:eu-central-1:123456789012:cluster/chartly"
      bucket             = "chartly-objects"
      bucket_region      = "eu-central-1"
      role_arns          = { storage = "arn:aws:iam::123456789012:role/storage" }

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
