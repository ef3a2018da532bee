module "wanted" {
  source = "./wanted"
}

module "stack" {
  source         = "../../stack"
  environment    = module.wanted.environment
  network        = module.wanted.network
  cluster        = module.wanted.cluster
  database       = module.wanted.database
  cache          = module.wanted.cache
  objects        = module.wanted.objects
  events         = module.wanted.events
  gateway        = module.wanted.gateway
  implementation = module.local.implementation
}

module "local" {
  source = "../../overlays/local"
}
