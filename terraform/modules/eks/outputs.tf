locals {
  contract_version = "1.0.0"
  cluster_spec     = merge(var.spec, var.implementation)
}

output "cluster_spec" {
  description = "The Kubernetes cluster, of any provider: what was asked for and what it became."
  value       = local.cluster_spec
}

output "cluster_spec_versioned" {
  description = "The same with the version of this contract."
  value       = merge(local.cluster_spec, { contract_version = local.contract_version })
}
