resource "aws_s3_bucket" "this" {
  bucket = var.objects.name
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket                  = aws_s3_bucket.this.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_kms_key" "objects" {
  count               = var.objects.encryption == "customer_key" ? 1 : 0
  description         = "Objects of ${var.objects.name}"
  enable_key_rotation = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = var.objects.encryption == "customer_key" ? "aws:kms" : "AES256"
      kms_master_key_id = one(aws_kms_key.objects[*].arn)
    }
  }
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id

  versioning_configuration {
    status = var.objects.versioning ? "Enabled" : "Suspended"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    id     = "old-versions"
    status = "Enabled"
    filter {}

    noncurrent_version_expiration {
      noncurrent_days = var.objects.expire_noncurrent_days
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}

resource "aws_iam_user" "objects" {
  name = "${var.objects.name}-writer"
}

resource "aws_iam_access_key" "objects" {
  user = aws_iam_user.objects.name
}

resource "aws_iam_user_policy" "objects" {
  user = aws_iam_user.objects.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["s3:ListBucket"], Resource = aws_s3_bucket.this.arn },
      { Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], Resource = "${aws_s3_bucket.this.arn}/*" },
    ]
  })
}

resource "aws_secretsmanager_secret" "objects" {
  name = "${var.objects.name}/objects"
}

resource "aws_secretsmanager_secret_version" "objects" {
  secret_id = aws_secretsmanager_secret.objects.id
  secret_string = jsonencode({
    url          = "s3://${aws_s3_bucket.this.id}"
    "access-key" = aws_iam_access_key.objects.id
    "secret-key" = aws_iam_access_key.objects.secret
  })
}
