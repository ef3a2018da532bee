locals {
  cache_class = var.cache == null ? null : var.cache.memory_mib <= 1500 ? "cache.t4g.small" : var.cache.memory_mib <= 6500 ? "cache.m7g.large" : "cache.m7g.xlarge"
}

resource "aws_elasticache_subnet_group" "this" {
  count      = var.cache == null ? 0 : 1
  name       = var.cache.name
  subnet_ids = [for subnet in aws_subnet.private : subnet.id]
}

resource "aws_elasticache_parameter_group" "this" {
  count  = var.cache == null ? 0 : 1
  name   = var.cache.name
  family = "redis7"

  parameter {
    name  = "maxmemory-policy"
    value = "noeviction"
  }
}

resource "random_password" "cache" {
  count   = var.cache == null ? 0 : 1
  length  = 32
  special = false
}

resource "aws_elasticache_replication_group" "this" {
  count                      = var.cache == null ? 0 : 1
  replication_group_id       = var.cache.name
  description                = "Jobs of Chartly"
  engine                     = "redis"
  node_type                  = local.cache_class
  port                       = var.cache.port
  num_cache_clusters         = var.cache.high_availability ? 2 : 1
  automatic_failover_enabled = var.cache.high_availability
  multi_az_enabled           = var.cache.high_availability
  at_rest_encryption_enabled = true
  transit_encryption_enabled = true
  auth_token                 = random_password.cache[0].result
  parameter_group_name       = aws_elasticache_parameter_group.this[0].name
  subnet_group_name          = aws_elasticache_subnet_group.this[0].name
  security_group_ids         = [aws_security_group.engines.id]
}

resource "aws_secretsmanager_secret" "cache" {
  count = var.cache == null ? 0 : 1
  name  = "${var.cache.name}/redis"
}

resource "aws_secretsmanager_secret_version" "cache" {
  count     = var.cache == null ? 0 : 1
  secret_id = aws_secretsmanager_secret.cache[0].id
  secret_string = jsonencode({
    url = "rediss://:${random_password.cache[0].result}@${aws_elasticache_replication_group.this[0].primary_endpoint_address}:${var.cache.port}"
  })
}
