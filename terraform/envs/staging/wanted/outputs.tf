# What this environment wants, and nothing of who makes it; provider-free, so that it is checked offline.
output "environment" {
  description = "Its name."
  value       = "staging"
}

output "network" {
  description = "As modules/vpc takes it."
  value = {
    name                 = "chartly-staging"
    cidr                 = "10.20.0.0/16"
    availability_zones   = ["eu-central-1a", "eu-central-1b"]
    private_subnet_cidrs = ["10.20.0.0/19", "10.20.32.0/19"]
    public_subnet_cidrs  = ["10.20.128.0/24", "10.20.129.0/24"]
  }
}

output "cluster" {
  description = "As modules/eks takes it."
  value       = { name = "chartly-staging", node_groups = [{ name = "general", size = "medium", min = 2, max = 5 }] }
}

output "database" {
  description = "As modules/rds takes it."
  value       = { name = "chartly-staging", size = "medium", storage_gib = 100, high_availability = false, max_connections = 700 }
}

output "cache" {
  description = "As modules/redis takes it; null for jobs on Postgres."
  value       = { name = "chartly-staging", high_availability = false }
}

output "objects" {
  description = "As modules/s3 takes it."
  value       = { name = "chartly-staging-objects", region = "eu-central-1" }
}

output "events" {
  description = "As modules/clickhouse takes it; null for DuckDB in one pod."
  value       = null
}

output "gateway" {
  description = "As modules/gateway takes it."
  value       = { host = "staging.chartly.example.com", ingress_class = "nginx", trusted_proxy_cidrs = ["10.20.0.0/16"] }
}
