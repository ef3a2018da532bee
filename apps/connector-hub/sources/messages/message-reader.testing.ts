import { Source, SourceByKind, SourceKind } from '#libs/documents/source';
import { ReadRequest, SourcePage, SourceReader } from '../source-reader';

export const PIPELINE = { project: 'default', pipeline: 'read' };

/** Records of pages, as a step sees them. */
export const recordsOf = (pages: readonly SourcePage<object>[]): Record<string, unknown>[] =>
  pages
    .flatMap(({ parts }) => parts)
    .flatMap(({ payload }) => JSON.parse(Buffer.from(payload).toString()) as Record<string, unknown>[]); // what the readers write

interface Reading {
  /** Whether a page is committed, and then acknowledged. Every page is when left out. */
  readonly commits?: (page: SourcePage<object>, nth: number) => boolean;
  /** Whether the commit of a page is the last that happens: Chartly dies before it acknowledges. */
  readonly diesAfter?: (nth: number) => boolean;
  readonly state?: object;
  readonly peek?: boolean;
}

/** Drives a reader as the puller does, and gives the pages that were committed. */
export async function readAll<K extends SourceKind, S extends object>(
  reader: SourceReader<K, S>,
  source: SourceByKind[K] & Source,
  { commits = () => true, diesAfter = () => false, state = {}, peek = false }: Reading = {},
): Promise<SourcePage<S>[]> {
  const request: ReadRequest<SourceByKind[K], S> = {
    pipeline: PIPELINE,
    source,
    state,
    until: Number.POSITIVE_INFINITY,
    signal: new AbortController().signal,
    ...(peek ? { peek } : {}),
  };
  const reading = reader.read(request);
  const pages: SourcePage<S>[] = [];
  try {
    for (;;) {
      const next = await reading.next();
      if (next.done || !commits(next.value, pages.length)) return pages;
      pages.push(next.value);
      if (diesAfter(pages.length)) return pages;
      if (!peek) await next.value.acknowledge?.();
    }
  } finally {
    await reading.return({ done: false, waitMs: 0 });
  }
}
