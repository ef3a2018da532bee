output "implementation" {
  description = "What terraform/stack takes. References to secrets, never values."
  value = {
    network = {
      vpc_id             = var.azure.network_id
      private_subnet_ids = var.azure.subnet_ids
    }
    cluster = {
      endpoint                    = var.azure.cluster_endpoint
      certificate_authority_ref   = "${var.azure.cluster_id}#kubeConfig"
      storage_class               = "managed-csi-premium"
      service_account_annotations = { for component, id in var.azure.client_ids : component => { "azure.workload.identity/client-id" = id } }
    }
    objects = {
      bucket_id  = var.azure.bucket
      endpoint   = var.azure.objects_endpoint
      secret_ref = { name = "chartly-objects", key = "url", remote = var.azure.objects_secret }
    }
    database = {
      endpoint             = var.azure.database_address
      app_secret_ref       = { name = "chartly-database", key = "url", remote = var.azure.app_secret }
      migration_secret_ref = { name = "chartly-migration", key = "url", remote = var.azure.migration_secret }
    }
    cache = {
      endpoint   = var.azure.cache_address
      secret_ref = var.azure.cache_secret == null ? null : { name = "chartly-redis", key = "url", remote = var.azure.cache_secret }
    }
    events = {
      secret_ref = var.azure.events_secret == null ? null : { name = "chartly-events", key = "url", remote = var.azure.events_secret }
    }
    gateway = {}
  }
}
