# Provider-free: it turns what was made into what the contracts take.
terraform {
  required_version = ">= 1.9"
}
