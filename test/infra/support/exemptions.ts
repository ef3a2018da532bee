import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from '../../support/paths';
import { Finding } from './set-rules';

export interface Exemption {
  readonly rule: number;
  /** A component, or `*` for all. */
  readonly component: string;
  /** What the finding's sentence contains. */
  readonly finding: string;
  readonly reason: string;
}

export const EXEMPTIONS: readonly Exemption[] = (
  parse(readFileSync(join(ROOT, 'deploy', 'exemptions.yaml'), 'utf8')) as { exemptions: Exemption[] }
) // our own file
.exemptions;

export const exemptionOf = (rule: number, { component, problem }: Finding): Exemption | undefined =>
  EXEMPTIONS.find(
    (exemption) =>
      exemption.rule === rule &&
      (exemption.component === '*' || exemption.component === component) &&
      problem.includes(exemption.finding),
  );
