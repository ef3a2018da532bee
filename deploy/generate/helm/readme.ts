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

## Scaling

\`components.NAME.autoscaling.enabled\` scales a component by its CPU. Normalizer and analytics work off a queue and can scale by what waits in it, too (\`autoscaling.queue.source\`):

- \`adapter\`: the HPA asks a metrics adapter for the external metric \`chartly_queue_jobs\`. Every process reports the same queue, so the adapter takes the most and not the sum. For prometheus-adapter:

  \`\`\`yaml
  rules:
    external:
      - seriesQuery: chartly_queue_jobs
        metricsQuery: max(<<.Series>>{<<.LabelMatchers>>}) by (queue, state)
        resources: { namespaced: false }
  \`\`\`

- \`keda\`: a ScaledObject in place of the HPA asks Prometheus itself. Under network policies name KEDA's namespace in \`networkPolicies.queryFrom\`.

## Private addresses

Under \`networkPolicies\`, connector-hub, audit, auth and observer reach the public internet on ports 80 and 443. A source, a Vault or an identity provider at a private address, or on another port, is named with the component:

\`\`\`yaml
components:
  auth:
    egress:
      - { to: [{ ipBlock: { cidr: 10.20.0.7/32 } }], ports: [8200] }
      - { to: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: keycloak } } }], ports: [8443] }
\`\`\`

Connectors and logins look where an address leads by themselves as well: allow it to them in \`config.CHARTLY_EGRESS_ALLOW\`.

## Values

| value | default | what it is |
|---|---|---|
${rows.map(({ path, doc, value }) => `| \`${path}\` | \`${cell(JSON.stringify(value))}\` | ${cell(doc)} |`).join('\n')}
`;
