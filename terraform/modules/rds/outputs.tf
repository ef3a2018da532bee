locals {
  contract_version = "1.0.0"
  db_spec          = merge(var.spec, var.implementation)
}

output "db_spec" {
  description = "The Postgres database, of any provider: what was asked for and what it became."
  value       = local.db_spec
}

output "db_spec_versioned" {
  description = "The same with the version of this contract."
  value       = merge(local.db_spec, { contract_version = local.contract_version })
}
