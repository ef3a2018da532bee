variables {
  spec = {
    name = "chartly"
  }
}

# A key taken away or retyped is a new major version of the contract, a key added a new minor one.
run "has_exactly_these_keys" {
  command = plan
  assert {
    condition = toset(keys(output.clickhouse_spec)) == toset([
      "endpoint",
      "engine_version",
      "name",
      "port",
      "replicas",
      "secret_ref",
      "shards",
      "storage_gib"
    ])
    error_message = "The keys of clickhouse_spec changed: ${join(", ", keys(output.clickhouse_spec))}. Raise contract_version and terraform/contracts with them."
  }
  assert {
    condition     = toset(keys(output.clickhouse_spec_versioned)) == setunion(keys(output.clickhouse_spec), ["contract_version"])
    error_message = "clickhouse_spec_versioned is clickhouse_spec and contract_version."
  }
  assert {
    condition     = output.clickhouse_spec_versioned.contract_version == "1.0.0"
    error_message = "The version changed: say so in terraform/README.md and in the chart's upgrade notes."
  }
}

run "is_all_placeholders_without_an_overlay" {
  command = plan
  assert {
    condition = alltrue([
      for key in ["endpoint", "secret_ref"] :
      output.clickhouse_spec[key] == null || try(length(output.clickhouse_spec[key]) == 0, false)
    ])
    error_message = "What no overlay made is null, [] or {}."
  }
}

run "carries_what_an_overlay_made" {
  command = plan
  variables {
    implementation = {
      secret_ref = { name = "chartly-events", key = "url", remote = "vault:events" }
    }
  }
  assert {
    condition     = output.clickhouse_spec.secret_ref.remote == "vault:events"
    error_message = "The overlay's part is lost."
  }
}

run "refuses_no_shards" {
  command = plan
  variables {
    spec = merge({
      name = "chartly"
    }, { shards = 0 })
  }
  expect_failures = [var.spec]
}

run "refuses_too_many_replicas" {
  command = plan
  variables {
    spec = merge({
      name = "chartly"
    }, { replicas = 20 })
  }
  expect_failures = [var.spec]
}

run "refuses_what_is_no_release" {
  command = plan
  variables {
    spec = merge({
      name = "chartly"
    }, { engine_version = "new" })
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
    }, { name = "my events" })
  }
  expect_failures = [var.spec]
}
