output "implementation" {
  description = "What terraform/stack takes. References to secrets, never values."
  value = {
    network = {
      vpc_id             = var.gcp.network_id
      private_subnet_ids = var.gcp.subnet_ids
    }
    cluster = {
      endpoint                    = "https://${var.gcp.cluster_endpoint}"
      certificate_authority_ref   = "${var.gcp.cluster_id}#masterAuth"
      storage_class               = "premium-rwo"
      service_account_annotations = { for component, email in var.gcp.service_accounts : component => { "iam.gke.io/gcp-service-account" = email } }
    }
    objects = {
      bucket_id  = var.gcp.bucket
      endpoint   = "https://storage.googleapis.com"
      secret_ref = { name = "chartly-objects", key = "url", remote = var.gcp.objects_secret }
    }
    database = {
      endpoint             = var.gcp.database_address
      app_secret_ref       = { name = "chartly-database", key = "url", remote = var.gcp.app_secret }
      migration_secret_ref = { name = "chartly-migration", key = "url", remote = var.gcp.migration_secret }
    }
    cache = {
      endpoint   = var.gcp.cache_address
      secret_ref = var.gcp.cache_secret == null ? null : { name = "chartly-redis", key = "url", remote = var.gcp.cache_secret }
    }
    events = {
      secret_ref = var.gcp.events_secret == null ? null : { name = "chartly-events", key = "url", remote = var.gcp.events_secret }
    }
    gateway = {}
  }
}
