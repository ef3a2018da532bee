import type { KindGuarantees } from '../guarantees';

const PULLER = 'apps/connector-hub/pull/puller.integration.spec.ts';
const KILL = 'test/pull-kill.spec.ts';

export const HTTP_GUARANTEES: KindGuarantees = {
  atomic: { file: PULLER, test: 'keeps the checkpoint and the rows that it covers together when a page fails' },
  exact: { file: KILL, test: 'every record of the source is accepted and stored once, and the books balance' },
  fenced: { file: PULLER, test: 'refuses a second puller while one is at it' },
  reconciled: {
    file: PULLER,
    test: 'takes nothing of a page whose records are not all in its parts, and keeps the cursor',
  },
  acknowledged: { notApplicable: 'nobody is told' },
  ends: {
    file: 'apps/connector-hub/sources/http/http-order.spec.ts',
    test: 'and goes round in a loop of %d cursors ends in an error',
  },
  verbatim: {
    file: 'apps/connector-hub/sources/http/http-pages.spec.ts',
    test: 'are cut out as they came: numbers that JavaScript cannot hold among them',
  },
  guarded: { file: 'libs/egress/egress.spec.ts', test: 'hostile URLs through' },
  bounded: { file: 'libs/egress/egress-answers.spec.ts', test: 'stops a bomb of %s' },
  previewed: { file: 'test/preview.spec.ts', test: 'keeps nothing: no document, no dataset, no checkpoint' },
};
