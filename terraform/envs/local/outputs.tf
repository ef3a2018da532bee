output "deployment_contract" {
  description = "All that the chart is told: `terraform output -json | npx chartly infra values > values-infra.json`."
  value       = module.stack.deployment_contract
}
