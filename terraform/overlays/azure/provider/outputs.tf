output "made" {
  description = "What the adapter reads. Names of secrets, never their values."
  value = {
    network_id       = azurerm_virtual_network.this.id
    subnet_ids       = azurerm_subnet.private[*].id
    cluster_endpoint = "https://${azurerm_kubernetes_cluster.this.private_fqdn}"
    cluster_id       = azurerm_kubernetes_cluster.this.id
    objects_endpoint = var.objects_endpoint
    bucket           = var.objects.name
    client_ids       = {}
    database_address = azurerm_postgresql_flexible_server.this.fqdn
    app_secret       = azurerm_key_vault_secret.app.name
    migration_secret = azurerm_key_vault_secret.migration.name
    cache_address    = one(azurerm_redis_cache.this[*].hostname)
    cache_secret     = one(azurerm_key_vault_secret.cache[*].name)
    objects_secret   = var.objects_secret
    events_secret    = var.events_secret
  }
}
