interface Row {
  readonly path: string;
  readonly doc: string;
  readonly value: unknown;
}

const cell = (text: string): string => text.replaceAll('|', '\\|');

/** The chart's README: how to use it, and every value. */
export const readme = (rows: readonly Row[], version: string): string => `# The chart of Chartly ${version}

Nine services from one image, Prometheus and Grafana. Works with Helm 3 and 4. Generated from \`deploy/components.yaml\` by \`npm run deploy:generate\`; the templates are written by hand.

## Install

\`\`\`sh
kubectl apply -f deploy/k8s/base/namespace.yaml       # a namespace that demands the restricted Pod Security Standard
export CHARTLY_DATABASE_URL=... CHARTLY_DATABASE_MIGRATION_URL=... CHARTLY_OBJECTS_URL=...
npx chartly infra secrets --for kubernetes | kubectl -n chartly apply -f -
helm install chartly deploy/helm/chartly -n chartly -f deploy/helm/chartly/values-production.yaml -f deploy/helm/chartly/values-policies.yaml
helm test chartly -n chartly
\`\`\`

Values compose; later files win. \`values-dev.yaml\`, \`values-staging.yaml\` and \`values-production.yaml\` are sizes; \`values-policies.yaml\` adds network policies, disruption budgets and the quota to any of them. With Terraform, put what it made first: \`terraform output -json | npx chartly infra values > values-infra.json\`.

The chart holds no Secret and makes none: \`engines\`, \`secrets\` and \`monitoring.grafana\` name Secrets that are there. \`deploy/k8s/overlays\` has them for the External Secrets Operator and for the Secrets Store CSI driver. Upgrades: [UPGRADING.md](UPGRADING.md).

## Values

| value | default | what it is |
|---|---|---|
${rows.map(({ path, doc, value }) => `| \`${path}\` | \`${cell(JSON.stringify(value))}\` | ${cell(doc)} |`).join('\n')}
`;
