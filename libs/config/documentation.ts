import { ChartlyConfig } from './config';
import { EnvKind, variablesOf } from './env';
import { ALLOWED } from './read-text';

const INTRODUCTION = `# Configuration

Chartly is configured by environment variables alone. A wrong or unknown \`CHARTLY_\` variable ends the start with a line that names it and what is allowed. Values of secret variables are never printed.

This page is generated from the configuration's own declaration: \`npm run docs:configuration\` writes it.
`;

/** The page `docs/configuration.md`. */
export function configurationPage(): string {
  const rows = variablesOf(ChartlyConfig.prototype).map(({ name, kind, fallback, doc, secret }) => {
    const shown = fallback === undefined || fallback === '' ? '' : `\`${fallback}\``;
    return `| \`${name}\` | ${typeOf(kind)}${secret ? ', secret' : ''} | ${shown} | ${doc} |`;
  });
  return [INTRODUCTION, '| variable | is | default | what it does |', '|---|---|---|---|', ...rows, ''].join('\n');
}

const typeOf = (kind: EnvKind): string => ALLOWED[kind].replace(/^any |^an? /, '').replaceAll('"', '`');
