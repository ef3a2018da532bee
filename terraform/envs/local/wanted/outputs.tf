# What this environment wants, and nothing of who makes it; provider-free, so that it is checked offline.
output "environment" {
  description = "Its name."
  value       = "local"
}

output "network" {
  description = "As modules/vpc takes it."
  value       = { name = "chartly-local", cidr = "10.244.0.0/16", nat = "none" }
}

output "cluster" {
  description = "As modules/eks takes it."
  value       = { name = "chartly-local", pod_cidr = "10.244.0.0/16" }
}

output "database" {
  description = "As modules/rds takes it."
  value       = { name = "chartly-local", size = "small", storage_gib = 10, high_availability = false, backup_retention_days = 0, max_connections = 900 }
}

output "cache" {
  description = "As modules/redis takes it; null for jobs on Postgres."
  value       = null
}

output "objects" {
  description = "As modules/s3 takes it."
  value       = { name = "chartly-local-objects", versioning = false }
}

output "events" {
  description = "As modules/clickhouse takes it; null for DuckDB in one pod."
  value       = null
}

output "gateway" {
  description = "As modules/gateway takes it."
  value       = { host = "chartly.localhost", tls = { mode = "none" }, ingress_class = "nginx" }
}
