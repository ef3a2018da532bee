import { lackedFor } from '#libs/contracts/permissions';
import { Rule } from '#libs/contracts/principal';
import { Forbidden } from '#libs/errors/errors';
import { currentCall } from '#libs/transport/call-context';

const GRANTS = 'Nobody grants what they do not hold';

/** Throws Forbidden `role.escalation` that names what the caller lacks of `rules` in `scope` (`*` for all). */
export function requireHeld(rules: readonly Rule[], scope: string, sentence = GRANTS): void {
  const { principal } = currentCall();
  const lacked = [...new Set(rules.flatMap((rule) => lackedFor(principal, rule, scope)))];
  const [first] = lacked;
  if (first === undefined) return;
  throw new Forbidden(
    'role.escalation',
    `${sentence}: ${principal.name} lacks ${lacked.map((one) => `"${one}"`).join(', ')} in ${said(scope)}.`,
    { permission: first },
  );
}

export const said = (scope: string): string => (scope === '*' ? 'the system as a whole' : `project "${scope}"`);
