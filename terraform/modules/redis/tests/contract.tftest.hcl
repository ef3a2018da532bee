variables {
  spec = {
    name = "chartly"
  }
}

# A key taken away or retyped is a new major version of the contract, a key added a new minor one.
run "has_exactly_these_keys" {
  command = plan
  assert {
    condition = toset(keys(output.redis_spec)) == toset([
      "endpoint",
      "engine_version",
      "eviction_policy",
      "high_availability",
      "memory_mib",
      "name",
      "port",
      "secret_ref"
    ])
    error_message = "The keys of redis_spec changed: ${join(", ", keys(output.redis_spec))}. Raise contract_version and terraform/contracts with them."
  }
  assert {
    condition     = toset(keys(output.redis_spec_versioned)) == setunion(keys(output.redis_spec), ["contract_version"])
    error_message = "redis_spec_versioned is redis_spec and contract_version."
  }
  assert {
    condition     = output.redis_spec_versioned.contract_version == "1.0.0"
    error_message = "The version changed: say so in terraform/README.md and in the chart's upgrade notes."
  }
}

run "is_all_placeholders_without_an_overlay" {
  command = plan
  assert {
    condition = alltrue([
      for key in ["endpoint", "secret_ref"] :
      output.redis_spec[key] == null || try(length(output.redis_spec[key]) == 0, false)
    ])
    error_message = "What no overlay made is null, [] or {}."
  }
}

run "carries_what_an_overlay_made" {
  command = plan
  variables {
    implementation = {
      endpoint = "redis.internal"
    }
  }
  assert {
    condition     = output.redis_spec.endpoint == "redis.internal"
    error_message = "The overlay's part is lost."
  }
}

run "refuses_an_eviction_of_jobs" {
  command = plan
  variables {
    spec = merge({
      name = "chartly"
    }, { eviction_policy = "allkeys-lru" })
  }
  expect_failures = [var.spec]
}

run "refuses_an_old_redis" {
  command = plan
  variables {
    spec = merge({
      name = "chartly"
    }, { engine_version = "5" })
  }
  expect_failures = [var.spec]
}

run "refuses_no_memory" {
  command = plan
  variables {
    spec = merge({
      name = "chartly"
    }, { memory_mib = 1 })
  }
  expect_failures = [var.spec]
}

run "refuses_what_is_no_port" {
  command = plan
  variables {
    spec = merge({
      name = "chartly"
    }, { port = 70000 })
  }
  expect_failures = [var.spec]
}

run "refuses_a_name_with_spaces" {
  command = plan
  variables {
    spec = merge({
      name = "chartly"
    }, { name = "my redis" })
  }
  expect_failures = [var.spec]
}
