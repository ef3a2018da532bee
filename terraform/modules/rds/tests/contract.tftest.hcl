variables {
  spec = {
    name = "chartly"
  }
}

# A key taken away or retyped is a new major version of the contract, a key added a new minor one.
run "has_exactly_these_keys" {
  command = plan
  assert {
    condition = toset(keys(output.db_spec)) == toset([
      "app_secret_ref",
      "backup_retention_days",
      "endpoint",
      "engine_version",
      "high_availability",
      "max_connections",
      "migration_secret_ref",
      "name",
      "port",
      "size",
      "storage_gib"
    ])
    error_message = "The keys of db_spec changed: ${join(", ", keys(output.db_spec))}. Raise contract_version and terraform/contracts with them."
  }
  assert {
    condition     = toset(keys(output.db_spec_versioned)) == setunion(keys(output.db_spec), ["contract_version"])
    error_message = "db_spec_versioned is db_spec and contract_version."
  }
  assert {
    condition     = output.db_spec_versioned.contract_version == "1.0.0"
    error_message = "The version changed: say so in terraform/README.md and in the chart's upgrade notes."
  }
}

run "is_all_placeholders_without_an_overlay" {
  command = plan
  assert {
    condition = alltrue([
      for key in ["endpoint", "app_secret_ref", "migration_secret_ref"] :
      output.db_spec[key] == null || try(length(output.db_spec[key]) == 0, false)
    ])
    error_message = "What no overlay made is null, [] or {}."
  }
}

run "carries_what_an_overlay_made" {
  command = plan
  variables {
    implementation = {
      app_secret_ref = { name = "chartly-database", key = "url" }
    }
  }
  assert {
    condition     = output.db_spec.app_secret_ref.name == "chartly-database" && output.db_spec.app_secret_ref.remote == null
    error_message = "The overlay's part is lost."
  }
}

run "refuses_an_old_postgres" {
  command = plan
  variables {
    spec = merge({
      name = "chartly"
    }, { engine_version = "14" })
  }
  expect_failures = [var.spec]
}

run "refuses_an_unknown_size" {
  command = plan
  variables {
    spec = merge({
      name = "chartly"
    }, { size = "huge" })
  }
  expect_failures = [var.spec]
}

run "refuses_no_room" {
  command = plan
  variables {
    spec = merge({
      name = "chartly"
    }, { storage_gib = 1 })
  }
  expect_failures = [var.spec]
}

run "refuses_backups_of_a_year" {
  command = plan
  variables {
    spec = merge({
      name = "chartly"
    }, { backup_retention_days = 365 })
  }
  expect_failures = [var.spec]
}

run "refuses_too_few_connections" {
  command = plan
  variables {
    spec = merge({
      name = "chartly"
    }, { max_connections = 10 })
  }
  expect_failures = [var.spec]
}

run "refuses_what_is_no_port" {
  command = plan
  variables {
    spec = merge({
      name = "chartly"
    }, { port = 0 })
  }
  expect_failures = [var.spec]
}

run "refuses_a_name_with_spaces" {
  command = plan
  variables {
    spec = merge({
      name = "chartly"
    }, { name = "my database" })
  }
  expect_failures = [var.spec]
}
