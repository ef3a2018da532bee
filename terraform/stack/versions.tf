# Provider-free, as the contracts that it puts together.
terraform {
  required_version = ">= 1.9"
}
