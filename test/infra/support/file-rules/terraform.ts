import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sourceOf, terraform } from '../terraform';

const count = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length;

/** Rule 21: providers, and resources that want one, in what must do without. */
export const providersIn = (source: string): string[] => [
  ...[...source.matchAll(/^\s*(required_providers|provider\s+")/gm)].map(([found]) => found.trim()),
  ...[...source.matchAll(/^resource "(?!terraform_data").*$/gm)].map(([found]) => found),
];

/** Rule 22: what goes in or out without a type or a description. */
export const untyped = (source: string): string[] => [
  ...(/\bany\b(?=\s*[,)\n])/.test(source) ? ['the type any'] : []),
  ...[...source.matchAll(/^(variable|output) "(\w+)" \{\n(.*?)^\}/gms)].flatMap(([, kind, name, body = '']) => [
    ...(/^ {2}description\s+= ".+"/m.test(body) ? [] : [`${kind} ${name} is not described`]),
    ...(kind === 'output' || /^ {2}type\s+= /m.test(body) ? [] : [`${kind} ${name} has no type`]),
  ]),
];

/** Rule 22, of a contract: it has defaults, and refuses what is wrong. */
export const unchecked = (source: string): string[] => [
  ...(source.includes('optional(') ? [] : ['nothing is optional']),
  ...(count(source, /^ {2}validation \{/gm) >= 4 ? [] : ['hardly anything is refused']),
];

/** Rules 23 to 26: what a module's own tests say against it. */
export function failures(root: string, folder: string): string[] {
  for (const args of [['init', '-backend=false'], ['test']]) {
    const { status, stdout, stderr } = terraform(join(root, folder), ...args, '-no-color');
    if (status !== 0) return [`terraform ${args[0]}: ${stdout}${stderr}`];
  }
  return [];
}

/** Rule 24: values of secrets in what a module gives out. */
export const secretsGivenOut = (source: string): string[] =>
  [...source.matchAll(/^output "\w+" \{\n(.*?)^\}/gms)].flatMap(([, body = '']) =>
    [...body.matchAll(/\.(result|secret|password|auth_token|auth_string|primary_access_key|secret_string)\b/g)].map(
      ([found]) => found,
    ),
  );

/** Rule 25: what an overlay lacks of a provider part that owns up, and of an adapter without provider and with tests. */
export function overlayProblems(root: string, cloud: string): string[] {
  const folder = join('overlays', cloud);
  const readme = readFileSync(join(root, folder, 'README.md'), 'utf8');
  return [
    ...(sourceOf(join(folder, 'provider'), root).includes('required_providers')
      ? []
      : ['its provider part has no provider']),
    ...(/not validated there/.test(readme) ? [] : ['its README does not say that its provider part is not validated']),
    ...(existsSync(join(root, folder, 'adapter', 'tests', 'adapter.tftest.hcl')) ? [] : ['its adapter has no tests']),
    ...providersIn(sourceOf(join(folder, 'adapter'), root)),
  ];
}

/** Rule 26: the validations of a contract that may let everything through without its tests missing a refusal. */
export function untestedRefusals(root: string, folder: string): string[] {
  const file = join(root, folder, 'variables.tf');
  const source = readFileSync(file, 'utf8');
  const untested = [...source.matchAll(/^ {2}validation \{\n(.*?)^ {2}\}\n/gms)].filter(([validation, body = '']) => {
    const open = `  validation {\n    condition     = var.spec == var.spec\n    error_message = ${messageOf(body)}\n  }\n`;
    writeFileSync(
      file,
      source.replace(validation, () => open),
    );
    return !failures(root, folder).join('').includes('Missing expected failure');
  });
  writeFileSync(file, source);
  return untested.map(([, body = '']) => `no test of ${messageOf(body)}`);
}

const messageOf = (validation: string): string => /error_message\s*= (.*)/.exec(validation)?.[1] ?? '';
