variables {
  spec = {
    name = "chartly-objects"
  }
}

# A key taken away or retyped is a new major version of the contract, a key added a new minor one.
run "has_exactly_these_keys" {
  command = plan
  assert {
    condition = toset(keys(output.bucket_spec)) == toset([
      "bucket_id",
      "encryption",
      "endpoint",
      "expire_noncurrent_days",
      "name",
      "port",
      "region",
      "secret_ref",
      "versioning"
    ])
    error_message = "The keys of bucket_spec changed: ${join(", ", keys(output.bucket_spec))}. Raise contract_version and terraform/contracts with them."
  }
  assert {
    condition     = toset(keys(output.bucket_spec_versioned)) == setunion(keys(output.bucket_spec), ["contract_version"])
    error_message = "bucket_spec_versioned is bucket_spec and contract_version."
  }
  assert {
    condition     = output.bucket_spec_versioned.contract_version == "1.0.0"
    error_message = "The version changed: say so in terraform/README.md and in the chart's upgrade notes."
  }
}

run "is_all_placeholders_without_an_overlay" {
  command = plan
  assert {
    condition = alltrue([
      for key in ["bucket_id", "endpoint", "secret_ref"] :
      output.bucket_spec[key] == null || try(length(output.bucket_spec[key]) == 0, false)
    ])
    error_message = "What no overlay made is null, [] or {}."
  }
}

run "carries_what_an_overlay_made" {
  command = plan
  variables {
    implementation = {
      bucket_id = "b"
    }
  }
  assert {
    condition     = output.bucket_spec.bucket_id == "b"
    error_message = "The overlay's part is lost."
  }
}

run "refuses_a_name_in_capitals" {
  command = plan
  variables {
    spec = merge({
      name = "chartly-objects"
    }, { name = "Chartly" })
  }
  expect_failures = [var.spec]
}

run "refuses_no_encryption" {
  command = plan
  variables {
    spec = merge({
      name = "chartly-objects"
    }, { encryption = "none" })
  }
  expect_failures = [var.spec]
}

run "refuses_what_never_expires" {
  command = plan
  variables {
    spec = merge({
      name = "chartly-objects"
    }, { expire_noncurrent_days = 0 })
  }
  expect_failures = [var.spec]
}

run "refuses_what_is_no_port" {
  command = plan
  variables {
    spec = merge({
      name = "chartly-objects"
    }, { port = 0 })
  }
  expect_failures = [var.spec]
}
