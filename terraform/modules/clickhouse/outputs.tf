locals {
  contract_version = "1.0.0"
  clickhouse_spec  = merge(var.spec, var.implementation)
}

output "clickhouse_spec" {
  description = "The event engine past one machine: what was asked for and what it became."
  value       = local.clickhouse_spec
}

output "clickhouse_spec_versioned" {
  description = "The same with the version of this contract."
  value       = merge(local.clickhouse_spec, { contract_version = local.contract_version })
}
