output "made" {
  description = "What the adapter reads. Names of secrets, never their values."
  value = {
    vpc_id             = aws_vpc.this.id
    private_subnet_ids = [for subnet in aws_subnet.private : subnet.id]
    public_subnet_ids  = [for subnet in aws_subnet.public : subnet.id]
    cluster_endpoint   = aws_eks_cluster.this.endpoint
    cluster_arn        = aws_eks_cluster.this.arn
    database_address   = aws_db_instance.this.address
    app_secret         = aws_secretsmanager_secret.app.name
    migration_secret   = aws_secretsmanager_secret.migration.name
    cache_address      = one(aws_elasticache_replication_group.this[*].primary_endpoint_address)
    cache_secret       = one(aws_secretsmanager_secret.cache[*].name)
    bucket             = aws_s3_bucket.this.id
    bucket_region      = aws_s3_bucket.this.region
    objects_secret     = aws_secretsmanager_secret.objects.name
    events_secret      = var.events_secret
    role_arns          = {}
  }
}
