import 'reflect-metadata';
import { move, transferableSymbol, valueSymbol } from 'piscina';
import { ChartlyError } from '#libs/errors/errors';
import { toWire } from '#libs/errors/wire';
import { compile } from '../core/compile';
import { lint } from '../core/lint';
import { CompiledPipeline } from '../core/pipeline';
import { MeteredResult, QuarantineDraft, runInChunks } from '../core/run';
import { AT_WORK, BEATS, CheckReply, KeyedSteps, RunReply, RunRequest, SentDraft } from './messages';
import { packed } from './packed-texts';
import { inSlices } from './slices';

/** What a thread of the engine answers to. */

/** Compiled versions that stay in memory; one that is used falls out last. */
const COMPILED_MAX = 200;
const compiled = new Map<string, CompiledPipeline>();

export function check({ install, redactionKey }: KeyedSteps): CheckReply {
  const compilation = compile(install, { redactionKey });
  if (compilation.kind === 'wrong') return compilation;
  const { isLight, reshape } = compilation.pipeline;
  return { kind: 'compiled', traits: { isLight, reshape }, warnings: lint(install) };
}

/** Gives a {@link RunReply} whose memory is handed over. */
export async function run(request: RunRequest): Promise<unknown> {
  const { payload, format, pieces, batchId, receivedAtMs, reshaped, beat } = request;
  const pipeline = pipelineOf(request);
  if (!pipeline) return handedOver({ kind: 'unknown', payload }, [payload]);
  const meta = { batchId, receivedAt: new Date(receivedAtMs) };
  try {
    const work = runInChunks(pipeline, { payload, format, pieces, meta, reshaped });
    const result = await inSlices(work, (atWork) => {
      Atomics.store(beat, AT_WORK, atWork ? 1 : 0);
      Atomics.add(beat, BEATS, 1);
    });
    return sent(result, payload);
  } catch (thrown) {
    if (thrown instanceof ChartlyError) return { kind: 'refused', error: toWire(thrown) };
    throw thrown;
  }
}

function pipelineOf({ digest, steps }: RunRequest): CompiledPipeline | undefined {
  const known = compiled.get(digest);
  if (known) compiled.delete(digest);
  const pipeline = known ?? (steps && compiledOf(steps));
  if (!pipeline) return undefined;
  compiled.set(digest, pipeline);
  const [oldest] = compiled.keys();
  if (compiled.size > COMPILED_MAX && oldest !== undefined) compiled.delete(oldest);
  return pipeline;
}

function compiledOf({ install, redactionKey }: KeyedSteps): CompiledPipeline {
  const compilation = compile(install, { redactionKey });
  if (compilation.kind === 'compiled') return compilation.pipeline;
  throw new Error(`the steps compiled once and do not now: ${compilation.problems[0]?.message}`);
}

/** Numbers go as they lie in memory; the texts of a column are copied as one. */
function sent(result: MeteredResult, payload: Uint8Array): unknown {
  const { rows, quarantined, ...counts } = result;
  const columns = rows.columns.map(packed);
  const memory: ArrayBufferView[] = [counts.rowEnds];
  for (const column of columns) {
    memory.push('text' in column ? column.ends : column.values);
    if (column.nulls) memory.push(column.nulls);
  }
  const drafts = quarantined.map((draft) => sentDraft(draft, payload));
  return handedOver({ kind: 'done', result: { ...counts, length: rows.length, columns, quarantined: drafts } }, memory);
}

/** Each view lies on memory of its own. */
const handedOver = (reply: RunReply, views: readonly ArrayBufferView[]): unknown =>
  move({ [transferableSymbol]: views.map(({ buffer }) => buffer), [valueSymbol]: reply });

function sentDraft(draft: QuarantineDraft, payload: Uint8Array): SentDraft {
  const { raw } = draft;
  if (raw.buffer !== payload.buffer) return { ...draft, raw: new Uint8Array(raw) };
  const from = raw.byteOffset - payload.byteOffset;
  return { ...draft, raw: [from, from + raw.byteLength] };
}
