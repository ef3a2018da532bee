import { HTTP_GUARANTEES } from '../http/guarantees';
import type { KindGuarantees } from '../guarantees';

const SPEC = 'apps/connector-hub/sources/file/file-reader.integration.spec.ts';

export const FILE_GUARANTEES: KindGuarantees = {
  ...HTTP_GUARANTEES,
  exact: {
    file: 'test/sources-file.spec.ts',
    test: 'each row of the folder is accepted and stored once, though Chartly dies in the middle',
  },
  ends: { file: SPEC, test: 'names the file and the place at which it cannot be read: %s' },
  verbatim: { file: SPEC, test: 'keeps ndjson and json as they came' },
  guarded: { file: SPEC, test: 'reads nothing outside of the folders that the operator allows: %s' },
  bounded: { file: SPEC, test: 'stops at a row that is too large for a record, and says where it is' },
  previewed: { file: SPEC, test: 'shows the first rows of the first file' },
};
