import { HTTP_GUARANTEES } from '../http/guarantees';
import type { KindGuarantees } from '../guarantees';

/** The driver's guarantees are the same for every kind. */
export const FEED_GUARANTEES: KindGuarantees = {
  ...HTTP_GUARANTEES,
  exact: { file: 'test/sources.spec.ts', test: 'feed: each item is stored once, however often it is there' },
  ends: { notApplicable: 'one page a pull' },
  verbatim: { notApplicable: 'items are read into one form' },
  previewed: {
    file: 'test/sources.spec.ts',
    test: 'a preview shows the first records of its source, and takes none of them: %s',
  },
};
