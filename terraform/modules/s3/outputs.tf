locals {
  contract_version = "1.0.0"
  bucket_spec      = merge(var.spec, var.implementation)
}

output "bucket_spec" {
  description = "The object store, of any provider: what was asked for and what it became."
  value       = local.bucket_spec
}

output "bucket_spec_versioned" {
  description = "The same with the version of this contract."
  value       = merge(local.bucket_spec, { contract_version = local.contract_version })
}
