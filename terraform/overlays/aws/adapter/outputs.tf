output "implementation" {
  description = "What terraform/stack takes. References to secrets, never values."
  value = {
    network = {
      vpc_id             = var.aws.vpc_id
      private_subnet_ids = var.aws.private_subnet_ids
      public_subnet_ids  = var.aws.public_subnet_ids
    }
    cluster = {
      endpoint                    = var.aws.cluster_endpoint
      certificate_authority_ref   = "${var.aws.cluster_arn}#certificateAuthority"
      storage_class               = "gp3"
      service_account_annotations = { for component, arn in var.aws.role_arns : component => { "eks.amazonaws.com/role-arn" = arn } }
    }
    objects = {
      bucket_id  = var.aws.bucket
      endpoint   = "https://s3.${var.aws.bucket_region}.amazonaws.com"
      secret_ref = { name = "chartly-objects", key = "url", remote = var.aws.objects_secret }
    }
    database = {
      endpoint             = var.aws.database_address
      app_secret_ref       = { name = "chartly-database", key = "url", remote = var.aws.app_secret }
      migration_secret_ref = { name = "chartly-migration", key = "url", remote = var.aws.migration_secret }
    }
    cache = {
      endpoint   = var.aws.cache_address
      secret_ref = var.aws.cache_secret == null ? null : { name = "chartly-redis", key = "url", remote = var.aws.cache_secret }
    }
    events = {
      secret_ref = var.aws.events_secret == null ? null : { name = "chartly-events", key = "url", remote = var.aws.events_secret }
    }
    gateway = {}
  }
}
