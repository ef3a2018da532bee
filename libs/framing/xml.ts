import { isUtf8 } from 'node:buffer';
import { DEPTH_MAX, FrameList, Frames, malformed, RECORD_MAX_BYTES, RECORDS_MAX, tooManyRecords } from './frames';
import { lineAt } from './text';
import { Tag, XmlScan } from './xml-scan';

/** Elements above the records of a document. */
export const PATH_MAX_DEPTH = 16;
const PATH = /^(?:\/[^\s/<>&"'=]+)+$/;

/** Why a text is no path to records; undefined for one that is: `/rss/channel/item`, names as the document writes them. */
export function xmlPathProblem(path: string): string | undefined {
  if (!PATH.test(path)) return `"${path}" is no path of element names such as /rss/channel/item`;
  const depth = path.split('/').length - 1;
  return depth > PATH_MAX_DEPTH ? `"${path}" is ${depth} elements deep; ${PATH_MAX_DEPTH} are followed` : undefined;
}

/**
 * Frames an XML document: its records are the elements at `path`, or without one the elements inside the root. The
 * document's structure is read (tags, attributes, comments, CDATA), not its text. A DOCTYPE is refused, so that no entity
 * is ever declared (rule 26). `from` is where the text begins (behind a byte order mark). `mayBeEmpty`: a document
 * without such elements is no error.
 */
export function frameXml(body: Buffer, from: number, path?: string, mayBeEmpty = false): Frames {
  if (!isUtf8(body)) throw malformed('The document is not valid UTF-8. Nothing was taken.');
  const names = path?.slice(1).split('/');
  const recordDepth = names?.length ?? 2;
  const frames = new FrameList();
  /** How many of the path's first elements are open right now. */
  let matched = 0;
  let recordStart = -1;
  const close = (depth: number, end: number): void => {
    if (depth === recordDepth && recordStart >= 0) {
      keep(body, frames, recordStart, end);
      recordStart = -1;
    }
    if (depth <= matched) matched = depth - 1;
  };
  new XmlScan(body, from).run({
    open: ({ name, start, depth }: Tag) => {
      if (recordStart >= 0 && depth - recordDepth >= DEPTH_MAX) {
        throw malformed(
          `Line ${lineAt(body, start)}: record ${frames.count + 1} nests deeper than ${DEPTH_MAX} levels. Nothing was taken.`,
        );
      }
      if (depth > recordDepth) return;
      const fits = names === undefined || (matched === depth - 1 && names[depth - 1] === name());
      if (!fits) return;
      matched = depth;
      if (depth === recordDepth) recordStart = start;
    },
    close,
  });
  if (frames.count === 0 && !mayBeEmpty) {
    throw malformed(
      path === undefined
        ? 'The document has no records: no element stands inside its root.'
        : `The document has no records: it has no element ${path}.`,
    );
  }
  return frames.done();
}

function keep(body: Buffer, frames: FrameList, start: number, end: number): void {
  if (end - start > RECORD_MAX_BYTES) {
    throw malformed(
      `Line ${lineAt(body, start)}: record ${frames.count + 1} has ${end - start} bytes; a record may have ${RECORD_MAX_BYTES}. Nothing was taken.`,
    );
  }
  if (frames.count >= RECORDS_MAX) throw tooManyRecords();
  frames.push(start, end);
}
