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
  implementation = module.adapter.implementation
}

# Another provider is another overlay here, and nothing else.
module "provider" {
  source   = "../../overlays/aws/provider"
  network  = module.wanted.network
  cluster  = module.wanted.cluster
  database = module.wanted.database
  cache    = module.wanted.cache
  objects  = module.wanted.objects
  # A ClickHouse that is there; its address is put into the secret store under this name.
  events_secret = "chartly-production/events"
}

module "adapter" {
  source = "../../overlays/aws/adapter"
  aws    = module.provider.made
}
