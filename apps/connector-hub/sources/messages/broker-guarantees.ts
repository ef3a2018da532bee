import { HTTP_GUARANTEES } from '../http/guarantees';
import type { KindGuarantees } from '../guarantees';

const E2E = 'test/sources-messages.spec.ts';

/** What holds for a source that is told what was taken: its spec says the same sentences of each kind. */
export function brokerGuarantees(kind: 'redis' | 'nats' | 'mqtt'): KindGuarantees {
  const file = `apps/connector-hub/sources/${kind}/${kind}-reader.integration.spec.ts`;
  return {
    ...HTTP_GUARANTEES,
    exact: { file: E2E, test: `${kind}: what was committed and not acknowledged comes again, and is stored once` },
    acknowledged: { file, test: 'gives again what was not acknowledged, and nothing else' },
    ends: { file, test: 'says what is wrong: %s' },
    verbatim:
      kind === 'redis'
        ? { notApplicable: 'fields are read into JSON' }
        : { file: 'apps/connector-hub/sources/messages/message-record.spec.ts', test: 'keeps JSON as it came' },
    guarded: { file, test: 'says what is wrong: %s' },
    bounded: { file, test: 'stops at a message that is too large for a record, and says where it is' },
    previewed: { file, test: 'shows the first messages, and leaves nothing behind at the peer' },
  };
}
