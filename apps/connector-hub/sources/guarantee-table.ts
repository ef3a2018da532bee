import type { SourceKind } from '#libs/documents/source';
import { Evidence, Guarantee, GUARANTEES, KindGuarantees } from './guarantees';
import { FEED_GUARANTEES } from './feed/guarantees';
import { FILE_GUARANTEES } from './file/guarantees';
import { HTTP_GUARANTEES } from './http/guarantees';
import { MQTT_GUARANTEES } from './mqtt/guarantees';
import { NATS_GUARANTEES } from './nats/guarantees';
import { POSTGRES_GUARANTEES } from './postgres/guarantees';
import { PROMETHEUS_GUARANTEES } from './prometheus/guarantees';
import { REDIS_GUARANTEES } from './redis/guarantees';

/** A new kind of source is a row here. */
export const GUARANTEES_BY_KIND: Readonly<Record<SourceKind, KindGuarantees>> = {
  http: HTTP_GUARANTEES,
  feed: FEED_GUARANTEES,
  postgres: POSTGRES_GUARANTEES,
  prometheus: PROMETHEUS_GUARANTEES,
  redis: REDIS_GUARANTEES,
  nats: NATS_GUARANTEES,
  mqtt: MQTT_GUARANTEES,
  file: FILE_GUARANTEES,
};

const BEGIN = '<!-- guarantees: npm run docs:connectors writes this table -->';
const END = '<!-- end of guarantees -->';

/** The page with its table of sources and guarantees as the code declares it. */
export function withGuarantees(page: string): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`The page has no place for the table: ${BEGIN}`);
  return `${before}${BEGIN}\n\n${guaranteeTable()}\n\n${END}${after}`;
}

function guaranteeTable(): string {
  const kinds = Object.entries(GUARANTEES_BY_KIND);
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const guarantees = Object.entries(GUARANTEES) as [Guarantee, string][]; // its keys are these
  return [
    row(['guarantee', ...kinds.map(([kind]) => `\`${kind}\``)]),
    row(['---', ...kinds.map(() => '---')]),
    ...guarantees.map(([name, sentence]) => row([sentence, ...kinds.map(([, evidence]) => shown(evidence[name]))])),
  ].join('\n');
}

const shown = (evidence: Evidence): string =>
  'notApplicable' in evidence ? evidence.notApplicable : `[yes](../${evidence.file})`;
