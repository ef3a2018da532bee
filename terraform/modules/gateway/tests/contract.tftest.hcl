variables {
  spec = {
    host = "chartly.example.com"
  }
}

# A key taken away or retyped is a new major version of the contract, a key added a new minor one.
run "has_exactly_these_keys" {
  command = plan
  assert {
    condition = toset(keys(output.gateway_spec)) == toset([
      "address",
      "allowed_cidrs",
      "annotations",
      "host",
      "ingress_class",
      "max_body_mib",
      "paths",
      "tls",
      "trusted_proxy_cidrs"
    ])
    error_message = "The keys of gateway_spec changed: ${join(", ", keys(output.gateway_spec))}. Raise contract_version and terraform/contracts with them."
  }
  assert {
    condition     = toset(keys(output.gateway_spec_versioned)) == setunion(keys(output.gateway_spec), ["contract_version"])
    error_message = "gateway_spec_versioned is gateway_spec and contract_version."
  }
  assert {
    condition     = output.gateway_spec_versioned.contract_version == "1.0.0"
    error_message = "The version changed: say so in terraform/README.md and in the chart's upgrade notes."
  }
}

run "is_all_placeholders_without_an_overlay" {
  command = plan
  assert {
    condition = alltrue([
      for key in ["address"] :
      output.gateway_spec[key] == null || try(length(output.gateway_spec[key]) == 0, false)
    ])
    error_message = "What no overlay made is null, [] or {}."
  }
}

run "carries_what_an_overlay_made" {
  command = plan
  variables {
    implementation = {
      address = "203.0.113.7"
    }
  }
  assert {
    condition     = output.gateway_spec.address == "203.0.113.7"
    error_message = "The overlay's part is lost."
  }
}

run "refuses_what_is_no_host" {
  command = plan
  variables {
    spec = merge({
      host = "chartly.example.com"
    }, { host = "https://chartly.example.com" })
  }
  expect_failures = [var.spec]
}

run "refuses_an_unknown_tls" {
  command = plan
  variables {
    spec = merge({
      host = "chartly.example.com"
    }, { tls = { mode = "maybe" } })
  }
  expect_failures = [var.spec]
}

run "refuses_tls_without_a_certificate" {
  command = plan
  variables {
    spec = merge({
      host = "chartly.example.com"
    }, { tls = { mode = "secret" } })
  }
  expect_failures = [var.spec]
}

run "refuses_no_paths" {
  command = plan
  variables {
    spec = merge({
      host = "chartly.example.com"
    }, { paths = [] })
  }
  expect_failures = [var.spec]
}

run "refuses_a_path_twice" {
  command = plan
  variables {
    spec = merge({
      host = "chartly.example.com"
    }, { paths = [{ path = "/" }, { path = "/" }] })
  }
  expect_failures = [var.spec]
}

run "refuses_a_range_that_is_none" {
  command = plan
  variables {
    spec = merge({
      host = "chartly.example.com"
    }, { allowed_cidrs = ["everywhere"] })
  }
  expect_failures = [var.spec]
}

run "refuses_bodies_without_bound" {
  command = plan
  variables {
    spec = merge({
      host = "chartly.example.com"
    }, { max_body_mib = 1000 })
  }
  expect_failures = [var.spec]
}
