import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TERRAFORM } from './terraform';

/** The schemas of what comes out of Terraform. */
export function contractSchemas(): object[] {
  const folder = join(TERRAFORM, 'contracts');
  return readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as object); // our own files
}
