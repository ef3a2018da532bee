locals {
  contract_version = "1.0.0"
  vpc_spec         = merge(var.spec, var.implementation)
}

output "vpc_spec" {
  description = "The network: what was asked for and what it became."
  value       = local.vpc_spec
}

output "vpc_spec_versioned" {
  description = "The same with the version of this contract."
  value       = merge(local.vpc_spec, { contract_version = local.contract_version })
}
