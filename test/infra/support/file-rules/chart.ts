import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HELMS, INSTALLS, Install, lint, template, tryTemplate } from '../helm';

/** Values that the chart does not know or take, and what its refusal names. */
export const UNKNOWN_VALUES: readonly (readonly [what: string, values: object, names: RegExp])[] = [
  ['a tenth component', { components: { sidecar: { replicas: 1 } } }, /sidecar/],
  ['an unknown value', { components: { gateway: { replica: 2 } } }, /replica/],
  ['no replicas', { components: { gateway: { replicas: 0 } } }, /replicas/],
  ['a text for a number', { components: { gateway: { replicas: 'two' } } }, /replicas/],
  ['the tag latest', { image: { tag: 'latest' } }, /tag/],
  ['a container without a limit', { components: { audit: { resources: { limits: { memory: null } } } } }, /memory/],
  [
    'a path that does not say how it matches',
    { ingress: { paths: [{ path: '/', component: 'gateway' }] } },
    /pathType/,
  ],
  ['a secret among the variables', { config: { CHARTLY_DATABASE_URL: 'postgres://a:b@c/d' } }, /CHARTLY_DATABASE_URL/],
  ['Postgres as an option', { engines: { postgres: { required: false } } }, /required/],
];

/** Rule 13: what of {@link UNKNOWN_VALUES} a chart lets through, or refuses without its name. */
export const valuesLetThrough = (chart: string): string[] =>
  UNKNOWN_VALUES.flatMap(([what, values, names]) => {
    const letThrough = HELMS.filter((helm) => {
      const { status, stderr } = tryTemplate(helm, { values, chart });
      return status === 0 || !names.test(stderr);
    });
    return letThrough.map((helm) => `${helm} takes ${what}`);
  });

/** Rule 14: what one Helm will not take, or takes otherwise than the other. */
export function differences(install: Install): string[] {
  const refused = HELMS.flatMap((helm) => {
    const { status, stdout, stderr } = lint(helm, install);
    return status === 0 ? [] : [`${helm} lint --strict: ${stderr}${stdout}`];
  });
  if (refused.length > 0) return refused;
  return template(install, 'helm3') === template(install, 'helm4')
    ? []
    : ['Helm 3 and Helm 4 make different manifests of it'];
}

/** Rule 14, of every way to install a chart. */
export const allDifferences = (chart: string): string[] =>
  Object.entries(INSTALLS).flatMap(([name, install]) =>
    differences({ ...install, chart }).map((problem) => `${name}: ${problem}`),
  );

/** Rule 16: whether two renders differ, and what in the templates asks the clock, chance or the cluster. */
export function unrepeatable(chart: string): string[] {
  const [one, other] = [template({ chart }), template({ chart })];
  const asks = readdirSync(join(chart, 'templates'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap((entry) => {
      const text = readFileSync(join(entry.parentPath, entry.name), 'utf8');
      const found = /\b(randAlphaNum|randAlpha|randNumeric|genPrivateKey|genSelfSignedCert|uuidv4|now|lookup)\b\s/.exec(
        text,
      );
      return found ? [`${entry.name} asks ${found[1]}`] : [];
    });
  return [...(one === other ? [] : ['two renders differ']), ...asks];
}

/** Rule 19: whether infrastructure of another major version renders, or a newer minor one does not. */
export function majorsTaken(chart: string): string[] {
  const of = (contractVersion: string): object => ({ infrastructure: { contractVersion } });
  return HELMS.flatMap((helm) => {
    const { stderr } = tryTemplate(helm, { values: of('2.0.0'), chart });
    const minor = tryTemplate(helm, { values: of('1.7.3'), chart });
    return [
      ...(/speaks contract 2\.0\.0 and this chart speaks 1\.x\. Install/.test(stderr)
        ? []
        : [`${helm} takes contract 2.0.0`]),
      ...(minor.status === 0 ? [] : [`${helm} refuses contract 1.7.3`]),
    ];
  });
}

/** Rule 20: large numbers that do not come out as they went in. */
export function lostNumbers(chart: string): string[] {
  const values = {
    config: { CHARTLY_BODY_MAX_BYTES: 10_000_000 },
    components: { gateway: { env: { CHARTLY_CONCURRENCY_MAX: 100_000 } } },
    migration: { deadlineSeconds: 86_400 },
  };
  const text = template({ values, chart }, 'helm3');
  const wanted = [
    /CHARTLY_BODY_MAX_BYTES: "10000000"/,
    /name: CHARTLY_CONCURRENCY_MAX\n\s+value: "100000"/,
    /activeDeadlineSeconds: 86400$/m,
  ];
  const exponent = /\d[.\d]*e[+-]?\d{2}\b(?![0-9a-f])/.exec(text);
  return [
    ...wanted.filter((line) => !line.test(text)).map((line) => `${line.source} does not stand there`),
    ...(exponent ? [`a number became ${exponent[0]}`] : []),
  ];
}
