output "made" {
  description = "What the adapter reads. Names of secrets, never their values."
  value = {
    network_id       = google_compute_network.this.id
    subnet_ids       = google_compute_subnetwork.private[*].id
    cluster_endpoint = google_container_cluster.this.endpoint
    cluster_id       = google_container_cluster.this.id
    bucket           = google_storage_bucket.this.name
    service_accounts = {}
    database_address = google_sql_database_instance.this.private_ip_address
    app_secret       = google_secret_manager_secret.this["database"].secret_id
    migration_secret = google_secret_manager_secret.this["migration"].secret_id
    cache_address    = one(google_redis_instance.this[*].host)
    cache_secret     = var.cache == null ? null : google_secret_manager_secret.this["redis"].secret_id
    objects_secret   = google_secret_manager_secret.this["objects"].secret_id
    events_secret    = var.events_secret
  }
}
