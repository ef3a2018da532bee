output "implementation" {
  description = "What the stack takes: where each engine of this machine is. References to secrets, never values."
  value = {
    network = {
      vpc_id = terraform_data.network.id
    }
    cluster = {
      endpoint      = "https://127.0.0.1:6443"
      storage_class = "standard"
    }
    database = {
      endpoint             = "${var.name}-postgres"
      app_secret_ref       = { name = "${var.name}-database", key = "url" }
      migration_secret_ref = { name = "${var.name}-migration", key = "url" }
    }
    objects = {
      bucket_id  = terraform_data.bucket.id
      secret_ref = { name = "${var.name}-objects", key = "url" }
    }
    cache = {
      endpoint   = "${var.name}-redis"
      secret_ref = { name = "${var.name}-redis", key = "url" }
    }
    events = {
      endpoint   = "${var.name}-events"
      secret_ref = { name = "${var.name}-events", key = "url" }
    }
    gateway = {
      address = "127.0.0.1"
    }
  }
}
