locals {
  contract_version = "1.0.0"
  gateway_spec     = merge(var.spec, var.implementation)
}

output "gateway_spec" {
  description = "The way in from outside: what was asked for and what it became."
  value       = local.gateway_spec
}

output "gateway_spec_versioned" {
  description = "The same with the version of this contract."
  value       = merge(local.gateway_spec, { contract_version = local.contract_version })
}
