import { HTTP_GUARANTEES } from '../http/guarantees';
import type { KindGuarantees } from '../guarantees';

/** The driver's guarantees are the same for every kind. */
export const PROMETHEUS_GUARANTEES: KindGuarantees = {
  ...HTTP_GUARANTEES,
  exact: { notApplicable: 'each scrape is a reading of its own, and none can be asked for again' },
  ends: { notApplicable: 'one page a pull' },
  verbatim: { notApplicable: 'samples are read into JSON' },
  previewed: {
    file: 'test/sources.spec.ts',
    test: 'a preview shows the first records of its source, and takes none of them: %s',
  },
};
