locals {
  machine_types    = { small = "e2-standard-2", medium = "e2-standard-4", large = "n2-standard-8" }
  database_tiers   = { small = "db-custom-2-7680", medium = "db-custom-4-15360", large = "db-custom-8-30720" }
  secrets_of_cache = var.cache == null ? {} : { redis = "rediss://:${google_redis_instance.this[0].auth_string}@${google_redis_instance.this[0].host}:${google_redis_instance.this[0].port}" }
  secrets = merge(local.secrets_of_cache, {
    database  = "postgres://chartly_app:${random_password.app.result}@${google_sql_database_instance.this.private_ip_address}:5432/chartly?sslmode=require"
    migration = "postgres://chartly_owner:${random_password.owner.result}@${google_sql_database_instance.this.private_ip_address}:5432/chartly?sslmode=require"
  })
}

resource "google_compute_network" "this" {
  name                    = var.network.name
  auto_create_subnetworks = false
}

resource "google_compute_subnetwork" "private" {
  count                    = length(var.network.private_subnet_cidrs)
  name                     = "${var.network.name}-${count.index}"
  network                  = google_compute_network.this.id
  region                   = var.region
  ip_cidr_range            = var.network.private_subnet_cidrs[count.index]
  private_ip_google_access = true
}

resource "google_compute_router" "this" {
  count   = var.network.nat == "none" ? 0 : 1
  name    = var.network.name
  network = google_compute_network.this.id
  region  = var.region
}

resource "google_compute_router_nat" "this" {
  count                              = var.network.nat == "none" ? 0 : 1
  name                               = var.network.name
  router                             = google_compute_router.this[0].name
  region                             = var.region
  nat_ip_allocate_option             = "AUTO_ONLY"
  source_subnetwork_ip_ranges_to_nat = "ALL_SUBNETWORKS_ALL_IP_RANGES"
}

resource "google_compute_global_address" "services" {
  name          = "${var.network.name}-services"
  purpose       = "VPC_PEERING"
  address_type  = "INTERNAL"
  prefix_length = 20
  network       = google_compute_network.this.id
}

resource "google_service_networking_connection" "this" {
  network                 = google_compute_network.this.id
  service                 = "servicenetworking.googleapis.com"
  reserved_peering_ranges = [google_compute_global_address.services.name]
}

resource "google_container_cluster" "this" {
  name                     = var.cluster.name
  location                 = var.region
  network                  = google_compute_network.this.id
  subnetwork               = google_compute_subnetwork.private[0].id
  min_master_version       = var.cluster.kubernetes_version
  datapath_provider        = "ADVANCED_DATAPATH" # enforces the network policies of the chart
  remove_default_node_pool = true
  initial_node_count       = 1
  deletion_protection      = true

  ip_allocation_policy {}

  private_cluster_config {
    enable_private_nodes    = true
    enable_private_endpoint = true
  }
}

resource "google_container_node_pool" "this" {
  for_each = { for group in var.cluster.node_groups : group.name => group }
  name     = each.key
  cluster  = google_container_cluster.this.id

  autoscaling {
    min_node_count = each.value.min
    max_node_count = each.value.max
  }

  node_config {
    machine_type = local.machine_types[each.value.size]

    shielded_instance_config {
      enable_secure_boot = true
    }
  }
}

resource "random_password" "owner" {
  length  = 32
  special = false
}

resource "random_password" "app" {
  length  = 32
  special = false
}

resource "google_sql_database_instance" "this" {
  name                = var.database.name
  region              = var.region
  database_version    = "POSTGRES_${split(".", var.database.engine_version)[0]}"
  deletion_protection = true
  depends_on          = [google_service_networking_connection.this]

  settings {
    tier              = local.database_tiers[var.database.size]
    edition           = "ENTERPRISE"
    availability_type = var.database.high_availability ? "REGIONAL" : "ZONAL"
    disk_size         = var.database.storage_gib
    disk_autoresize   = true

    ip_configuration {
      ipv4_enabled    = false
      private_network = google_compute_network.this.id
      ssl_mode        = "ENCRYPTED_ONLY"
    }

    database_flags {
      name  = "max_connections"
      value = tostring(var.database.max_connections)
    }

    backup_configuration {
      enabled                        = var.database.backup_retention_days > 0
      point_in_time_recovery_enabled = var.database.backup_retention_days > 0

      backup_retention_settings {
        retained_backups = max(1, var.database.backup_retention_days)
      }
    }
  }
}

resource "google_sql_database" "this" {
  name     = "chartly"
  instance = google_sql_database_instance.this.name
}

resource "google_sql_user" "this" {
  for_each = { chartly_owner = random_password.owner.result, chartly_app = random_password.app.result }
  name     = each.key
  instance = google_sql_database_instance.this.name
  password = each.value
}

resource "google_redis_instance" "this" {
  count                   = var.cache == null ? 0 : 1
  name                    = var.cache.name
  region                  = var.region
  tier                    = var.cache.high_availability ? "STANDARD_HA" : "BASIC"
  memory_size_gb          = max(1, ceil(var.cache.memory_mib / 1024))
  redis_version           = "REDIS_7_2"
  authorized_network      = google_compute_network.this.id
  connect_mode            = "PRIVATE_SERVICE_ACCESS"
  auth_enabled            = true
  transit_encryption_mode = "SERVER_AUTHENTICATION"
  redis_configs           = { maxmemory-policy = "noeviction" }
  depends_on              = [google_service_networking_connection.this]
}

resource "google_storage_bucket" "this" {
  name                        = var.objects.name
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  versioning {
    enabled = var.objects.versioning
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      days_since_noncurrent_time = var.objects.expire_noncurrent_days
    }
  }
}

resource "google_service_account" "objects" {
  account_id = substr("${var.cluster.name}-objects", 0, 30)
}

resource "google_storage_bucket_iam_member" "objects" {
  bucket = google_storage_bucket.this.name
  role   = "roles/storage.objectAdmin"
  member = "serviceAccount:${google_service_account.objects.email}"
}

resource "google_storage_hmac_key" "objects" {
  service_account_email = google_service_account.objects.email
}

resource "google_secret_manager_secret" "this" {
  for_each  = toset(concat(["database", "migration", "objects"], var.cache == null ? [] : ["redis"]))
  secret_id = "${var.database.name}-${each.key}"

  replication {
    auto {}
  }
}

resource "google_secret_manager_secret_version" "urls" {
  for_each    = toset(concat(["database", "migration"], var.cache == null ? [] : ["redis"]))
  secret      = google_secret_manager_secret.this[each.key].id
  secret_data = jsonencode({ url = local.secrets[each.key] })
}

resource "google_secret_manager_secret_version" "objects" {
  secret = google_secret_manager_secret.this["objects"].id
  secret_data = jsonencode({
    url          = "https://storage.googleapis.com/${google_storage_bucket.this.name}"
    "access-key" = google_storage_hmac_key.objects.access_id
    "secret-key" = google_storage_hmac_key.objects.secret
  })
}
