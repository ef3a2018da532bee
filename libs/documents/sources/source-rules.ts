import { Problem } from '../document-problems';
import { kindsIn, Source, SOURCE_KINDS } from '../source';
import { fileProblems } from './file-rules';
import { httpProblems } from './http-rules';
import { bareUrlProblems, mqttProblems, natsProblems } from './message-rules';
import { postgresProblems } from './postgres-rules';

const COMMON = new Set(['limits', 'drift']);

/** What no schema can say of a source. */
export function sourceProblems(source: Source): Problem[] {
  const kinds = kindsIn(source);
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) {
    const found = kinds.length === 0 ? 'has none' : `has ${kinds.join(' and ')}`;
    const known = Object.keys(SOURCE_KINDS).join(', ');
    return [{ path: 'spec.source', message: `takes exactly one of ${known}, and ${found}` }];
  }
  const goesWith = new Set<string>([kind, ...COMMON, ...SOURCE_KINDS[kind].members]);
  return [
    ...Object.keys(source)
      .filter((member) => !goesWith.has(member))
      .map((member) => ({ path: `spec.source.${member}`, message: `does not go with a source of the kind ${kind}` })),
    ...ownProblems(source),
  ];
}

function ownProblems(source: Source): Problem[] {
  if ('http' in source) return httpProblems(source);
  if ('postgres' in source) return postgresProblems(source);
  if ('redis' in source) return bareUrlProblems(source.redis.url, 'spec.source.redis.url', 'host, port and database');
  if ('nats' in source) return natsProblems(source);
  if ('file' in source) return fileProblems(source);
  return 'mqtt' in source ? mqttProblems(source) : [];
}
