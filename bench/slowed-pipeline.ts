import type { ColumnDef } from '#libs/contracts/columns';
import { compile } from '#apps/normalizer/core/compile';
import { CompiledPipeline } from '#apps/normalizer/core/pipeline';
import { BatchInput, run } from '#apps/normalizer/core/run';

/** Records of one body, and characters of the text in each: about a MiB a body. */
export const BODY_RECORDS = 64;
const NOTE_CHARS = 16_000;

const MAP = { id: 'raw.id', time: 'timestamp_ms(raw.t)', host: 'raw.host', value: 'double(raw.v)' };
const COLUMNS = { id: 'string', time: 'timestamp', host: 'string', value: 'double' } as const;
const START_MS = Date.UTC(2026, 0, 1);
/** The loops inside the outermost take 100 steps for each of its items. */
const DIGITS = '[0,1,2,3,4,5,6,7,8,9]';
/** Turns that make the way of such a record through the normalizer over 100 times as long: `npm run soak` measures it. */
export const SLOWING_TURNS = 180;
const ROUNDS = 15;

/** A filter that lets every record pass, after counting to a hundred `turns` times. */
const countingFilter = (turns: number): string =>
  `[${Array.from({ length: turns }, (_, at) => at).join(',')}].all(a, ${DIGITS}.all(b, ${DIGITS}.all(c, a + b + c >= 0)))`;

/** A pipeline document whose mapping counts before it maps; `source` is what it pulls from, if anything. */
export function slowedPipeline(name: string, turns: number, source = ''): string {
  const fields = Object.entries(MAP).map(([field, expression]) => `        ${field}: ${expression}`);
  const columns = Object.entries(COLUMNS).map(([column, type]) => `${column}: ${type}`);
  return `
apiVersion: chartly.io/v1
kind: Pipeline
metadata: { name: ${name} }
spec:
  keepRaw: none
${source}  steps:
    - { name: slow, filter: "${countingFilter(turns)}" }
    - map:
${fields.join('\n')}
  store: { dataset: ${name}, time: time, key: [id], columns: { ${columns.join(', ')} } }
`;
}

/** Texts that a packer can do something with, but not much. */
const NOTES = Array.from({ length: BODY_RECORDS }, (_, at) => noteOf(at + 1));

function noteOf(first: number): string {
  const words: number[] = [];
  for (let seed = first, length = 0; length < NOTE_CHARS; length += 7) {
    seed = (seed * 48_271) % 2_147_483_647;
    words.push(100_000 + (seed % 900_000));
  }
  return words.join(' ');
}

/** The `at`-th record, of 16 KB. */
export function recordAt(at: number): object {
  return { id: `e-${at}`, t: START_MS + at, host: `host-${at % 100}`, v: at % 1_000, note: NOTES[at % NOTES.length] };
}

/** The `at`-th body, as NDJSON. */
export function bodyAt(at: number): Buffer {
  const lines = Array.from({ length: BODY_RECORDS }, (_, i) => JSON.stringify(recordAt(at * BODY_RECORDS + i)));
  return Buffer.from(lines.join('\n'));
}

/** What a record's way through the normalizer (read, map, columns) takes without the turns, and how many times as long with them. */
export function slowdown(turns: number): { readonly plainMsPerMb: number; readonly times: number } {
  const payload = bodyAt(0);
  const meta = { batchId: '0191d1f0-0000-7000-8000-000000000000', receivedAt: new Date(0) };
  const input: BatchInput = { payload, format: 'ndjson', meta };
  const plainMs = cpuMs(compiled(), input);
  return { plainMsPerMb: plainMs / (payload.byteLength / 1e6), times: cpuMs(compiled(turns), input) / plainMs };
}

function compiled(turns?: number): CompiledPipeline {
  const columns = Object.entries(COLUMNS).map(([name, type]): ColumnDef => ({ name, type, nullable: false }));
  const names = { project: 'bench', pipeline: 'slowed', version: 1, dataset: 'slowed', time: 'time', key: ['id'] };
  const slow = turns === undefined ? [] : [{ filter: countingFilter(turns) }];
  const result = compile({ ...names, schemas: {}, columns, steps: [...slow, { map: MAP }] });
  if (result.kind === 'wrong') throw new TypeError(JSON.stringify(result.problems));
  return result.pipeline;
}

/** The least that any round took: the rest is noise. */
function cpuMs(pipeline: CompiledPipeline, input: BatchInput): number {
  let least = Infinity;
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = process.cpuUsage();
    run(pipeline, input);
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1_000);
  }
  return least;
}
