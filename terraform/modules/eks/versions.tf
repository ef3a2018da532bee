# A contract declares no provider, so that it can be checked with no network.
terraform {
  required_version = ">= 1.9"
}
