variables {
  environment = "test"
  network     = { name = "chartly", cidr = "10.0.0.0/16", availability_zones = ["a"], private_subnet_cidrs = ["10.0.1.0/24"] }
  cluster     = { name = "chartly" }
  database    = { name = "chartly" }
  cache       = { name = "chartly" }
  objects     = { name = "chartly-objects" }
  events      = { name = "chartly" }
  gateway     = { host = "chartly.example.com" }
}

run "puts_seven_contracts_together" {
  command = plan
  assert {
    condition     = toset(keys(output.deployment_contract)) == toset(["contract_version", "environment", "network", "cluster", "database", "cache", "objects", "events", "gateway"])
    error_message = "The keys of deployment_contract changed: ${join(", ", keys(output.deployment_contract))}."
  }
  assert {
    condition     = output.deployment_contract.contract_version == "1.0.0"
    error_message = "The version changed: say so in terraform/README.md and in the chart's upgrade notes."
  }
}

run "goes_without_cache_and_events" {
  command = plan
  variables {
    cache  = null
    events = null
  }
  assert {
    condition     = output.deployment_contract.cache == null && output.deployment_contract.events == null
    error_message = "What is not wanted is null."
  }
}

run "refuses_an_environment_with_spaces" {
  command = plan
  variables {
    environment = "my environment"
  }
  expect_failures = [var.environment]
}

run "rejects_network_of_another_major_version" {
  command = plan
  override_module {
    target  = module.network
    outputs = { vpc_spec_versioned = { contract_version = "2.0.0" } }
  }
  expect_failures = [output.deployment_contract]
}

run "rejects_cluster_of_another_major_version" {
  command = plan
  override_module {
    target  = module.cluster
    outputs = { cluster_spec_versioned = { contract_version = "2.0.0" } }
  }
  expect_failures = [output.deployment_contract]
}

run "rejects_database_of_another_major_version" {
  command = plan
  override_module {
    target  = module.database
    outputs = { db_spec_versioned = { contract_version = "2.0.0" } }
  }
  expect_failures = [output.deployment_contract]
}

run "rejects_cache_of_another_major_version" {
  command = plan
  override_module {
    target  = module.cache
    outputs = { redis_spec_versioned = { contract_version = "2.0.0" } }
  }
  expect_failures = [output.deployment_contract]
}

run "rejects_objects_of_another_major_version" {
  command = plan
  override_module {
    target  = module.objects
    outputs = { bucket_spec_versioned = { contract_version = "2.0.0" } }
  }
  expect_failures = [output.deployment_contract]
}

run "rejects_events_of_another_major_version" {
  command = plan
  override_module {
    target  = module.events
    outputs = { clickhouse_spec_versioned = { contract_version = "2.0.0" } }
  }
  expect_failures = [output.deployment_contract]
}

run "rejects_gateway_of_another_major_version" {
  command = plan
  override_module {
    target  = module.gateway
    outputs = { gateway_spec_versioned = { contract_version = "2.0.0" } }
  }
  expect_failures = [output.deployment_contract]
}
