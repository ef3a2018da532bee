locals {
  database_classes = { small = "db.t4g.medium", medium = "db.m7g.large", large = "db.m7g.2xlarge" }
}

resource "aws_db_subnet_group" "this" {
  name       = var.database.name
  subnet_ids = [for subnet in aws_subnet.private : subnet.id]
}

resource "aws_security_group" "engines" {
  name_prefix = "${var.database.name}-engines-"
  vpc_id      = aws_vpc.this.id

  ingress {
    description = "Postgres from the private subnets"
    from_port   = var.database.port
    to_port     = var.database.port
    protocol    = "tcp"
    cidr_blocks = var.network.private_subnet_cidrs
  }

  dynamic "ingress" {
    for_each = var.cache == null ? [] : [var.cache.port]
    content {
      description = "Redis from the private subnets"
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = var.network.private_subnet_cidrs
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_db_parameter_group" "this" {
  name_prefix = "${var.database.name}-"
  family      = "postgres${split(".", var.database.engine_version)[0]}"

  parameter {
    name         = "max_connections"
    value        = var.database.max_connections
    apply_method = "pending-reboot"
  }

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }

  lifecycle {
    create_before_destroy = true
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

resource "aws_db_instance" "this" {
  identifier                   = var.database.name
  engine                       = "postgres"
  engine_version               = var.database.engine_version
  instance_class               = local.database_classes[var.database.size]
  allocated_storage            = var.database.storage_gib
  max_allocated_storage        = var.database.storage_gib * 4
  storage_type                 = "gp3"
  storage_encrypted            = true
  db_name                      = "chartly"
  username                     = "chartly_owner"
  password                     = random_password.owner.result
  port                         = var.database.port
  multi_az                     = var.database.high_availability
  backup_retention_period      = var.database.backup_retention_days
  performance_insights_enabled = true
  deletion_protection          = true
  copy_tags_to_snapshot        = true
  final_snapshot_identifier    = "${var.database.name}-final"
  db_subnet_group_name         = aws_db_subnet_group.this.name
  parameter_group_name         = aws_db_parameter_group.this.name
  vpc_security_group_ids       = [aws_security_group.engines.id]
}

# The role that serves is made once, by deploy/compose/postgres-roles.sh or by hand, with the password kept here.
resource "aws_secretsmanager_secret" "app" {
  name = "${var.database.name}/database"
}

resource "aws_secretsmanager_secret_version" "app" {
  secret_id = aws_secretsmanager_secret.app.id
  secret_string = jsonencode({
    url = "postgres://chartly_app:${random_password.app.result}@${aws_db_instance.this.address}:${var.database.port}/chartly?sslmode=require"
  })
}

resource "aws_secretsmanager_secret" "migration" {
  name = "${var.database.name}/migration"
}

resource "aws_secretsmanager_secret_version" "migration" {
  secret_id = aws_secretsmanager_secret.migration.id
  secret_string = jsonencode({
    url = "postgres://chartly_owner:${random_password.owner.result}@${aws_db_instance.this.address}:${var.database.port}/chartly?sslmode=require"
  })
}
