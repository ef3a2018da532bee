locals {
  contract_version = "1.0.0"
  redis_spec       = merge(var.spec, var.implementation)
}

output "redis_spec" {
  description = "The Redis of the jobs: what was asked for and what it became."
  value       = local.redis_spec
}

output "redis_spec_versioned" {
  description = "The same with the version of this contract."
  value       = merge(local.redis_spec, { contract_version = local.contract_version })
}
