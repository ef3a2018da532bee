variables {
  spec = {
    name                 = "chartly"
    cidr                 = "10.0.0.0/16"
    availability_zones   = ["a", "b"]
    private_subnet_cidrs = ["10.0.1.0/24", "10.0.2.0/24"]
  }
}

# A key taken away or retyped is a new major version of the contract, a key added a new minor one.
run "has_exactly_these_keys" {
  command = plan
  assert {
    condition = toset(keys(output.vpc_spec)) == toset([
      "availability_zones",
      "cidr",
      "name",
      "nat",
      "private_subnet_cidrs",
      "private_subnet_ids",
      "public_subnet_cidrs",
      "public_subnet_ids",
      "vpc_id"
    ])
    error_message = "The keys of vpc_spec changed: ${join(", ", keys(output.vpc_spec))}. Raise contract_version and terraform/contracts with them."
  }
  assert {
    condition     = toset(keys(output.vpc_spec_versioned)) == setunion(keys(output.vpc_spec), ["contract_version"])
    error_message = "vpc_spec_versioned is vpc_spec and contract_version."
  }
  assert {
    condition     = output.vpc_spec_versioned.contract_version == "1.0.0"
    error_message = "The version changed: say so in terraform/README.md and in the chart's upgrade notes."
  }
}

run "is_all_placeholders_without_an_overlay" {
  command = plan
  assert {
    condition = alltrue([
      for key in ["vpc_id", "private_subnet_ids", "public_subnet_ids"] :
      output.vpc_spec[key] == null || try(length(output.vpc_spec[key]) == 0, false)
    ])
    error_message = "What no overlay made is null, [] or {}."
  }
}

run "carries_what_an_overlay_made" {
  command = plan
  variables {
    implementation = {
      vpc_id = "vpc-1"
    }
  }
  assert {
    condition     = output.vpc_spec.vpc_id == "vpc-1" && output.vpc_spec.cidr == "10.0.0.0/16"
    error_message = "The overlay's part is lost."
  }
}

run "refuses_a_name_with_spaces" {
  command = plan
  variables {
    spec = merge({
      name                 = "chartly"
      cidr                 = "10.0.0.0/16"
      availability_zones   = ["a", "b"]
      private_subnet_cidrs = ["10.0.1.0/24", "10.0.2.0/24"]
    }, { name = "my network" })
  }
  expect_failures = [var.spec]
}

run "refuses_what_is_no_range" {
  command = plan
  variables {
    spec = merge({
      name                 = "chartly"
      cidr                 = "10.0.0.0/16"
      availability_zones   = ["a", "b"]
      private_subnet_cidrs = ["10.0.1.0/24", "10.0.2.0/24"]
    }, { cidr = "10.0.0.0" })
  }
  expect_failures = [var.spec]
}

run "refuses_a_subnet_that_is_no_range" {
  command = plan
  variables {
    spec = merge({
      name                 = "chartly"
      cidr                 = "10.0.0.0/16"
      availability_zones   = ["a", "b"]
      private_subnet_cidrs = ["10.0.1.0/24", "10.0.2.0/24"]
    }, { private_subnet_cidrs = ["10.0.1.0/24", "nowhere"] })
  }
  expect_failures = [var.spec]
}

run "refuses_an_unknown_nat" {
  command = plan
  variables {
    spec = merge({
      name                 = "chartly"
      cidr                 = "10.0.0.0/16"
      availability_zones   = ["a", "b"]
      private_subnet_cidrs = ["10.0.1.0/24", "10.0.2.0/24"]
    }, { nat = "double" })
  }
  expect_failures = [var.spec]
}

run "refuses_a_zone_without_a_subnet" {
  command = plan
  variables {
    spec = merge({
      name                 = "chartly"
      cidr                 = "10.0.0.0/16"
      availability_zones   = ["a", "b"]
      private_subnet_cidrs = ["10.0.1.0/24", "10.0.2.0/24"]
    }, { availability_zones = ["a", "b", "c"] })
  }
  expect_failures = [var.spec]
}
