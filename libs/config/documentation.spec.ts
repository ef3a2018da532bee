import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configurationPage } from './documentation';

it('docs/configuration.md is what the configuration declares (npm run docs:configuration writes it)', () => {
  const page = readFileSync(join(__dirname, '..', '..', 'docs', 'configuration.md'), 'utf8');
  expect(page).toBe(configurationPage());
});
