import { redisMissing } from '#libs/testing/redis';

/** A suite that needs Redis; skipped with its reason in its name where there is none. */
export function describeWithRedis(name: string, suite: () => void): void {
  const missing = redisMissing();
  if (missing === undefined) describe(name, suite);
  else describe.skip(`${name} [skipped: ${missing}]`, suite);
}
