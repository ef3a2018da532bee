import { frame } from '#libs/framing/framing';
import { RecordPart } from '../sources/source-reader';
import { driftOf, Shape, shapeOf } from './shape';

/** A part that goes to quarantine as it is when it says why. */
export interface HeldPart extends RecordPart {
  readonly held?: string;
}

/** A page with more kinds of drift than this is held under one reason: each reason becomes a batch. */
const REASONS_MAX = 8;
const REASON_SHOWN_MAX = 20;

/**
 * The parts of a page with the records apart that look otherwise than `known`: these are held, with the reason. Records of
 * json, ndjson and xml keep their bytes; a csv body is judged by its columns and so as a whole.
 */
export function withDriftApart(parts: readonly RecordPart[], known: Shape): HeldPart[] {
  return parts.flatMap((part): HeldPart[] => {
    const changes = driftOf(known, shapeOf([part]));
    if (changes.length === 0) return [part];
    const { format } = part;
    if (format !== 'json' && format !== 'ndjson' && format !== 'xml') return [{ ...part, held: reasonOf(changes) }];
    const { fitting, drifted } = sorted(part, format, known);
    const together =
      drifted.size > REASONS_MAX ? new Map([[reasonOf(changes), [...drifted.values()].flat()]]) : drifted;
    return [
      ...(fitting.length === 0 ? [] : [joined(fitting, format)]),
      ...[...together].map(([held, records]) => ({ ...joined(records, format), held })),
    ];
  });
}

type Text = 'json' | 'ndjson' | 'xml';
/** How records of a format stand beside one another. */
const AROUND: Readonly<Record<Text, readonly [before: string, between: string, behind: string]>> = {
  json: ['[', ',', ']'],
  ndjson: ['', '\n', ''],
  xml: ['<records>', '', '</records>'],
};

function sorted(
  { payload }: RecordPart,
  format: Text,
  known: Shape,
): { fitting: Buffer[]; drifted: ReadonlyMap<string, Buffer[]> } {
  const body = Buffer.from(payload);
  const { count, starts, ends } = frame(body, format);
  const fitting: Buffer[] = [];
  const drifted = new Map<string, Buffer[]>();
  for (let at = 0; at < count; at += 1) {
    const record = body.subarray(starts[at], ends[at]);
    const changes = driftOf(known, shapeOf([joined([record], format)]));
    if (changes.length === 0) {
      fitting.push(record);
      continue;
    }
    const reason = reasonOf(changes);
    const alike = drifted.get(reason);
    if (alike) alike.push(record);
    else drifted.set(reason, [record]);
  }
  return { fitting, drifted };
}

function joined(records: readonly Buffer[], format: Text): RecordPart {
  const [before, between, behind] = AROUND[format].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer]; // three
  const pieces = records.flatMap((record, at) => (at === 0 ? [record] : [between, record]));
  const payload = Buffer.concat([before, ...pieces, behind]);
  return { format, payload, count: records.length };
}

const reasonOf = (changes: readonly string[]): string =>
  `the source's records have changed: ${changes.slice(0, REASON_SHOWN_MAX).join('; ')}`;
