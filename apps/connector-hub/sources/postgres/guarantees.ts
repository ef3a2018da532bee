import { HTTP_GUARANTEES } from '../http/guarantees';
import type { KindGuarantees } from '../guarantees';

/** The driver's guarantees are the same for every kind. */
export const POSTGRES_GUARANTEES: KindGuarantees = {
  ...HTTP_GUARANTEES,
  exact: {
    file: 'test/sources.spec.ts',
    test: 'postgres: each row is accepted and stored once, though Chartly dies in the middle',
  },
  ends: {
    file: 'apps/connector-hub/sources/postgres/postgres-reader.integration.spec.ts',
    test: 'says what is wrong: %s',
  },
  verbatim: { notApplicable: 'rows come as JSON, with all digits' },
  guarded: {
    file: 'apps/connector-hub/sources/postgres/postgres-reader.integration.spec.ts',
    test: 'says what is wrong: %s',
  },
  bounded: {
    file: 'apps/connector-hub/sources/postgres/postgres-reader.integration.spec.ts',
    test: 'takes large rows few at a time, and stops at one that is too large for a record, saying which',
  },
  previewed: {
    file: 'test/sources.spec.ts',
    test: 'a preview shows the first records of its source, and takes none of them: %s',
  },
};
