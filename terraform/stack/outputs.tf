locals {
  # The contract between Terraform and the chart. Its shape is terraform/contracts/deployment.schema.json.
  contract_version = "1.0.0"
  parts = {
    network  = module.network.vpc_spec_versioned
    cluster  = module.cluster.cluster_spec_versioned
    database = module.database.db_spec_versioned
    cache    = one(module.cache[*].redis_spec_versioned)
    objects  = module.objects.bucket_spec_versioned
    events   = one(module.events[*].clickhouse_spec_versioned)
    gateway  = module.gateway.gateway_spec_versioned
  }
}

output "deployment_contract" {
  description = "All that the chart is told; `terraform output -json | chartly infra values` reads it."
  value       = merge(local.parts, { contract_version = local.contract_version, environment = var.environment })

  precondition {
    condition = alltrue([
      for part in values(local.parts) : part == null ? true : split(".", part.contract_version)[0] == split(".", local.contract_version)[0]
    ])
    error_message = "A contract module speaks another major version than this stack. Use modules and stack of one release."
  }
}
