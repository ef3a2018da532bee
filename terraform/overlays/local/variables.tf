variable "name" {
  description = "Name of the release in the cluster; the Secrets of `chartly infra secrets --for local` bear it."
  type        = string
  default     = "chartly"
  nullable    = false
}
