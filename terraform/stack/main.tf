# The seven contracts of one environment.

module "network" {
  source         = "../modules/vpc"
  spec           = var.network
  implementation = var.implementation.network
}

module "cluster" {
  source         = "../modules/eks"
  spec           = var.cluster
  implementation = var.implementation.cluster
}

module "database" {
  source         = "../modules/rds"
  spec           = var.database
  implementation = var.implementation.database
}

module "cache" {
  source         = "../modules/redis"
  count          = var.cache == null ? 0 : 1
  spec           = var.cache
  implementation = var.implementation.cache
}

module "objects" {
  source         = "../modules/s3"
  spec           = var.objects
  implementation = var.implementation.objects
}

module "events" {
  source         = "../modules/clickhouse"
  count          = var.events == null ? 0 : 1
  spec           = var.events
  implementation = var.implementation.events
}

module "gateway" {
  source         = "../modules/gateway"
  spec           = var.gateway
  implementation = var.implementation.gateway
}
