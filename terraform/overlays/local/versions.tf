# Built-in resources alone: nothing is downloaded, and nothing outside Terraform's state is made.
terraform {
  required_version = ">= 1.9"
}
