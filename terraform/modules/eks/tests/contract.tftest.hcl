variables {
  spec = {
    name = "chartly"
  }
}

# A key taken away or retyped is a new major version of the contract, a key added a new minor one.
run "has_exactly_these_keys" {
  command = plan
  assert {
    condition = toset(keys(output.cluster_spec)) == toset([
      "certificate_authority_ref",
      "endpoint",
      "kubernetes_version",
      "name",
      "node_groups",
      "pod_cidr",
      "service_account_annotations",
      "service_cidr",
      "storage_class"
    ])
    error_message = "The keys of cluster_spec changed: ${join(", ", keys(output.cluster_spec))}. Raise contract_version and terraform/contracts with them."
  }
  assert {
    condition     = toset(keys(output.cluster_spec_versioned)) == setunion(keys(output.cluster_spec), ["contract_version"])
    error_message = "cluster_spec_versioned is cluster_spec and contract_version."
  }
  assert {
    condition     = output.cluster_spec_versioned.contract_version == "1.0.0"
    error_message = "The version changed: say so in terraform/README.md and in the chart's upgrade notes."
  }
}

run "is_all_placeholders_without_an_overlay" {
  command = plan
  assert {
    condition = alltrue([
      for key in ["endpoint", "certificate_authority_ref", "storage_class", "service_account_annotations"] :
      output.cluster_spec[key] == null || try(length(output.cluster_spec[key]) == 0, false)
    ])
    error_message = "What no overlay made is null, [] or {}."
  }
}

run "carries_what_an_overlay_made" {
  command = plan
  variables {
    implementation = {
      storage_class = "fast"
    }
  }
  assert {
    condition     = output.cluster_spec.storage_class == "fast"
    error_message = "The overlay's part is lost."
  }
}

run "refuses_an_old_kubernetes" {
  command = plan
  variables {
    spec = merge({
      name = "chartly"
    }, { kubernetes_version = "1.19" })
  }
  expect_failures = [var.spec]
}

run "refuses_no_nodes" {
  command = plan
  variables {
    spec = merge({
      name = "chartly"
    }, { node_groups = [] })
  }
  expect_failures = [var.spec]
}

run "refuses_an_unknown_size" {
  command = plan
  variables {
    spec = merge({
      name = "chartly"
    }, { node_groups = [{ name = "general", size = "huge" }] })
  }
  expect_failures = [var.spec]
}

run "refuses_more_at_least_than_at_most" {
  command = plan
  variables {
    spec = merge({
      name = "chartly"
    }, { node_groups = [{ name = "general", min = 5, max = 2 }] })
  }
  expect_failures = [var.spec]
}

run "refuses_a_name_with_spaces" {
  command = plan
  variables {
    spec = merge({
      name = "chartly"
    }, { name = "my cluster" })
  }
  expect_failures = [var.spec]
}
