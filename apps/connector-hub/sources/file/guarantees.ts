import { HTTP_GUARANTEES } from '../http/guarantees';
import type { KindGuarantees } from '../guarantees';

const SPEC = 'apps/connector-hub/sources/file/file-reader.integration.spec.ts';
const E2E = 'test/sources-file.spec.ts';

export const FILE_GUARANTEES: KindGuarantees = {
  ...HTTP_GUARANTEES,
  exact: {
    file: E2E,
    test: 'each row of the folder is accepted and stored once, though Chartly dies in the middle',
  },
  ends: { file: SPEC, test: 'names the file and the place at which it cannot be read: %s' },
  verbatim: { file: SPEC, test: 'keeps csv as it came, rows that do not fit their header among them' },
  guarded: { file: SPEC, test: 'reads nothing outside of the folders that the operator allows: %s' },
  bounded: { file: SPEC, test: 'does not inflate a bomb: a row ends it that is too large' },
  previewed: { file: E2E, test: 'shows the first rows, and takes none of them' },
};
