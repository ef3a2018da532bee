# What this environment wants, and nothing of who makes it; provider-free, so that it is checked offline.
output "environment" {
  description = "Its name."
  value       = "production"
}

output "network" {
  description = "As modules/vpc takes it."
  value = {
    name                 = "chartly-production"
    cidr                 = "10.10.0.0/16"
    availability_zones   = ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
    private_subnet_cidrs = ["10.10.0.0/19", "10.10.32.0/19", "10.10.64.0/19"]
    public_subnet_cidrs  = ["10.10.128.0/24", "10.10.129.0/24", "10.10.130.0/24"]
    nat                  = "per_zone"
  }
}

output "cluster" {
  description = "As modules/eks takes it."
  value       = { name = "chartly-production", node_groups = [{ name = "general", size = "large", min = 3, max = 12 }] }
}

output "database" {
  description = "As modules/rds takes it."
  value       = { name = "chartly-production", size = "large", storage_gib = 500, backup_retention_days = 35, max_connections = 2000 }
}

output "cache" {
  description = "As modules/redis takes it; null for jobs on Postgres."
  value       = { name = "chartly-production", memory_mib = 4096 }
}

output "objects" {
  description = "As modules/s3 takes it."
  value       = { name = "chartly-production-objects", region = "eu-central-1", encryption = "customer_key" }
}

output "events" {
  description = "As modules/clickhouse takes it; null for DuckDB in one pod."
  value       = { name = "chartly-production", shards = 1, replicas = 3, storage_gib = 1000 }
}

output "gateway" {
  description = "As modules/gateway takes it."
  value       = { host = "chartly.example.com", ingress_class = "nginx", trusted_proxy_cidrs = ["10.10.0.0/16"], max_body_mib = 32 }
}
