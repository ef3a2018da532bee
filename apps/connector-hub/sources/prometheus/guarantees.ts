import { HTTP_GUARANTEES } from '../http/guarantees';
import type { KindGuarantees } from '../guarantees';

/** The driver's guarantees are the same for every kind. */
export const PROMETHEUS_GUARANTEES: KindGuarantees = {
  ...HTTP_GUARANTEES,
  exact: { file: 'test/sources.spec.ts', test: 'prometheus: a scrape becomes samples, all with its time' },
  ends: { notApplicable: 'one page a pull' },
  verbatim: { notApplicable: 'samples are read into JSON' },
};
