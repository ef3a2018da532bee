variable "aws" {
  description = "What ../provider made."
  type = object({
    vpc_id             = string
    private_subnet_ids = list(string)
    public_subnet_ids  = list(string)
    cluster_endpoint   = string
    cluster_arn        = string
    bucket             = string
    bucket_region      = string
    role_arns          = optional(map(string), {})

    database_address = string
    app_secret       = string
    migration_secret = string
    cache_address    = optional(string)
    cache_secret     = optional(string)
    objects_secret   = string
    events_secret    = optional(string)
  })
  nullable = false
}
