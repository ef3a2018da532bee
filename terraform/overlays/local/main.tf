# One machine: the engines are those of deploy/k8s/overlays/local, and Terraform keeps track of their names. The ids are
# those of Terraform's own resources.
resource "terraform_data" "network" {
  input = var.name
}

resource "terraform_data" "bucket" {
  input = "${var.name}-objects"
}
