import { join } from 'node:path';
import { KubeObject } from './objects';
import { run } from './tools';

/** Kinds of others' operators, which Kubernetes itself does not know. */
const CUSTOM = /^(keda\.sh|external-secrets\.io|secrets-store\.csi\.x-k8s\.io)\//;

/** Fields that Kubernetes does not know, and values of another type than it wants. */
export function schemaProblems(objects: readonly KubeObject[]): string[] {
  const known = objects.filter(({ apiVersion }) => !CUSTOM.test(apiVersion));
  const script = join(__dirname, 'kubernetes-fields.mjs');
  return JSON.parse(run(process.execPath, [script], { input: JSON.stringify(known) })) as string[]; // our own script's
}
