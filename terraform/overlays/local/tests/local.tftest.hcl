run "implements_every_contract" {
  command = apply
  assert {
    condition     = toset(keys(output.implementation)) == toset(["network", "cluster", "database", "objects", "cache", "events", "gateway"])
    error_message = "A contract has no implementation."
  }
  assert {
    condition     = output.implementation.network.vpc_id != "" && output.implementation.objects.bucket_id != ""
    error_message = "Built-in resources give ids."
  }
}
