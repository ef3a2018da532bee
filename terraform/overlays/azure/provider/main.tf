locals {
  vm_sizes      = { small = "Standard_D2s_v5", medium = "Standard_D4s_v5", large = "Standard_D8s_v5" }
  database_skus = { small = "GP_Standard_D2ds_v5", medium = "GP_Standard_D4ds_v5", large = "GP_Standard_D8ds_v5" }
}

resource "azurerm_resource_group" "this" {
  name     = var.network.name
  location = var.location
}

resource "azurerm_virtual_network" "this" {
  name                = var.network.name
  location            = azurerm_resource_group.this.location
  resource_group_name = azurerm_resource_group.this.name
  address_space       = [var.network.cidr]
}

resource "azurerm_subnet" "private" {
  count                = length(var.network.private_subnet_cidrs)
  name                 = "private-${count.index}"
  resource_group_name  = azurerm_resource_group.this.name
  virtual_network_name = azurerm_virtual_network.this.name
  address_prefixes     = [var.network.private_subnet_cidrs[count.index]]
}

resource "azurerm_kubernetes_cluster" "this" {
  name                      = var.cluster.name
  location                  = azurerm_resource_group.this.location
  resource_group_name       = azurerm_resource_group.this.name
  dns_prefix                = var.cluster.name
  kubernetes_version        = var.cluster.kubernetes_version
  private_cluster_enabled   = true
  oidc_issuer_enabled       = true
  workload_identity_enabled = true

  default_node_pool {
    name                 = "system"
    vm_size              = local.vm_sizes["small"]
    vnet_subnet_id       = azurerm_subnet.private[0].id
    auto_scaling_enabled = true
    min_count            = 1
    max_count            = 3
  }

  identity {
    type = "SystemAssigned"
  }

  network_profile {
    network_plugin      = "azure"
    network_plugin_mode = "overlay"
    network_data_plane  = "cilium" # enforces the network policies of the chart
    network_policy      = "cilium"
  }
}

resource "azurerm_kubernetes_cluster_node_pool" "this" {
  for_each              = { for group in var.cluster.node_groups : group.name => group }
  name                  = substr(replace(each.key, "-", ""), 0, 12)
  kubernetes_cluster_id = azurerm_kubernetes_cluster.this.id
  vm_size               = local.vm_sizes[each.value.size]
  vnet_subnet_id        = azurerm_subnet.private[0].id
  auto_scaling_enabled  = true
  min_count             = each.value.min
  max_count             = each.value.max
}

resource "random_password" "owner" {
  length  = 32
  special = false
}

resource "random_password" "app" {
  length  = 32
  special = false
}

resource "azurerm_postgresql_flexible_server" "this" {
  name                          = var.database.name
  location                      = azurerm_resource_group.this.location
  resource_group_name           = azurerm_resource_group.this.name
  version                       = split(".", var.database.engine_version)[0]
  sku_name                      = local.database_skus[var.database.size]
  storage_mb                    = pow(2, ceil(log(var.database.storage_gib, 2))) * 1024
  backup_retention_days         = max(7, var.database.backup_retention_days)
  administrator_login           = "chartly_owner"
  administrator_password        = random_password.owner.result
  public_network_access_enabled = false

  dynamic "high_availability" {
    for_each = var.database.high_availability ? ["ZoneRedundant"] : []
    content {
      mode = high_availability.value
    }
  }
}

resource "azurerm_postgresql_flexible_server_configuration" "connections" {
  name      = "max_connections"
  server_id = azurerm_postgresql_flexible_server.this.id
  value     = tostring(var.database.max_connections)
}

resource "azurerm_postgresql_flexible_server_database" "this" {
  name      = "chartly"
  server_id = azurerm_postgresql_flexible_server.this.id
}

resource "azurerm_private_endpoint" "database" {
  name                = "${var.database.name}-database"
  location            = azurerm_resource_group.this.location
  resource_group_name = azurerm_resource_group.this.name
  subnet_id           = azurerm_subnet.private[0].id

  private_service_connection {
    name                           = "database"
    private_connection_resource_id = azurerm_postgresql_flexible_server.this.id
    subresource_names              = ["postgresqlServer"]
    is_manual_connection           = false
  }
}

resource "azurerm_redis_cache" "this" {
  count                         = var.cache == null ? 0 : 1
  name                          = var.cache.name
  location                      = azurerm_resource_group.this.location
  resource_group_name           = azurerm_resource_group.this.name
  family                        = "C"
  capacity                      = var.cache.memory_mib <= 1024 ? 1 : var.cache.memory_mib <= 2560 ? 2 : 3
  sku_name                      = var.cache.high_availability ? "Standard" : "Basic"
  minimum_tls_version           = "1.2"
  public_network_access_enabled = false

  redis_configuration {
    maxmemory_policy = "noeviction"
  }
}

resource "azurerm_private_endpoint" "cache" {
  count               = var.cache == null ? 0 : 1
  name                = "${var.cache.name}-cache"
  location            = azurerm_resource_group.this.location
  resource_group_name = azurerm_resource_group.this.name
  subnet_id           = azurerm_subnet.private[0].id

  private_service_connection {
    name                           = "cache"
    private_connection_resource_id = azurerm_redis_cache.this[0].id
    subresource_names              = ["redisCache"]
    is_manual_connection           = false
  }
}

resource "azurerm_key_vault" "this" {
  name                       = substr(var.cluster.name, 0, 24)
  location                   = azurerm_resource_group.this.location
  resource_group_name        = azurerm_resource_group.this.name
  tenant_id                  = var.tenant_id
  sku_name                   = "standard"
  purge_protection_enabled   = true
  rbac_authorization_enabled = true
}

resource "azurerm_key_vault_secret" "app" {
  name         = "database"
  key_vault_id = azurerm_key_vault.this.id
  value        = jsonencode({ url = "postgres://chartly_app:${random_password.app.result}@${azurerm_postgresql_flexible_server.this.fqdn}:5432/chartly?sslmode=require" })
}

resource "azurerm_key_vault_secret" "migration" {
  name         = "migration"
  key_vault_id = azurerm_key_vault.this.id
  value        = jsonencode({ url = "postgres://chartly_owner:${random_password.owner.result}@${azurerm_postgresql_flexible_server.this.fqdn}:5432/chartly?sslmode=require" })
}

resource "azurerm_key_vault_secret" "cache" {
  count        = var.cache == null ? 0 : 1
  name         = "redis"
  key_vault_id = azurerm_key_vault.this.id
  value        = jsonencode({ url = "rediss://:${azurerm_redis_cache.this[0].primary_access_key}@${azurerm_redis_cache.this[0].hostname}:${azurerm_redis_cache.this[0].ssl_port}" })
}
