import { stringify } from 'yaml';

/** YAML that every reader takes for the same: words and numbers that YAML 1.1 reads otherwise are quoted. */
export const yaml = (value: unknown): string =>
  stringify(value, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false, singleQuote: true });

/** Several documents in one file. */
export const yamlStream = (values: readonly unknown[]): string => values.map(yaml).join('---\n');
