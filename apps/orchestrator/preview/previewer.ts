import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ConnectorHubContract } from '#libs/contracts/connector-hub.contract';
import { NormalizerContract } from '#libs/contracts/normalizer.contract';
import { PipelinePreview, PreviewPipeline, RecordedPage } from '#libs/contracts/pipeline-preview';
import { Preview } from '#libs/contracts/preview';
import { PreviewedPart, PreviewedSource } from '#libs/contracts/source-preview';
import { InstallSteps } from '#libs/contracts/steps';
import { ResolvedPipeline } from '#libs/documents/resolve';
import { NotFound, Unprocessable } from '#libs/errors/errors';
import { installSteps } from '../documents/install-requests';
import { PlannedDocument, Planner } from '../documents/planner';

const SHOWN = 100;
const RECORDED_MAX_BYTES = 8 * 2 ** 20;

/** Shows what a pipeline would make of its source, with the engines that production uses. Keeps nothing. */
@Injectable()
export class PipelinePreviewer {
  constructor(
    private readonly database: DataSource,
    private readonly planner: Planner,
    private readonly hub: ConnectorHubContract,
    private readonly normalizer: NormalizerContract,
  ) {}

  /** See `OrchestratorContract.preview`. */
  async preview(request: PreviewPipeline): Promise<PipelinePreview> {
    const { project, text, given, pages, limit = SHOWN } = request;
    const { documents } = await this.planner.plan(project, text, this.database.manager);
    const { pipeline, resolved } = theOne(documents, request.pipeline);
    const steps = installSteps({ project, pipeline, version: 1 }, resolved);
    if (given) return { pipeline, ...(await this.normalized(steps, [partOf(given)], limit)) };
    const { source } = resolved.spec;
    if (!source) {
      throw new Unprocessable(
        'pipeline.no_source',
        `"${pipeline}" has no source to ask: it takes pushed events. Give records to run instead.`,
      );
    }
    const { parts, ...fetched } = await this.hub.preview({ project, pipeline, source, pages });
    const preview = await this.normalized(steps, parts, limit);
    return {
      pipeline,
      fetched: fetchedOf(fetched),
      ...preview,
      ...(request.record ? { recorded: recorded(parts) } : {}),
    };
  }

  /** The parts one after the other, as batches are; records are numbered through. */
  private async normalized(steps: InstallSteps, parts: readonly PreviewedPart[], limit: number): Promise<Preview> {
    const sum: Preview = { framed: 0, normalized: 0, filtered: 0, quarantined: 0, produced: 0, records: [] };
    for (const { format, payload } of parts) {
      const left = Math.max(1, limit - sum.records.length);
      const one = await this.normalizer.preview({ steps, format, payload, limit: left });
      const shown = one.records.map((record) => ({ ...record, index: record.index + sum.framed }));
      sum.records = [...sum.records, ...shown].slice(0, limit);
      for (const count of ['framed', 'normalized', 'filtered', 'quarantined', 'produced'] as const)
        sum[count] += one[count];
    }
    return sum;
  }
}

function theOne(
  documents: readonly PlannedDocument[],
  asked: string | undefined,
): { readonly pipeline: string; readonly resolved: ResolvedPipeline } {
  const pipelines = documents.flatMap(({ document, resolved }) =>
    document.kind === 'Pipeline' && resolved ? [{ pipeline: document.metadata.name, resolved }] : [],
  );
  const found = asked === undefined ? pipelines : pipelines.filter(({ pipeline }) => pipeline === asked);
  const [one, other] = found;
  if (one && !other) return one;
  const names = pipelines.map(({ pipeline }) => pipeline).join(', ');
  if (asked !== undefined)
    throw new NotFound('preview.pipeline', `There is no pipeline "${asked}" in it; there are: ${names}.`);
  throw new Unprocessable(
    'preview.pipeline',
    other ? `It holds several pipelines (${names}): name the one to preview.` : 'It holds no Pipeline to preview.',
  );
}

const fetchedOf = ({ pages, records, bytes, done, cursor }: Omit<PreviewedSource, 'parts'>) => ({
  pages,
  records,
  bytes,
  done,
  ...(cursor === undefined ? {} : { cursor }),
});

const partOf = ({ format, text }: RecordedPage): PreviewedPart => ({ format, payload: Buffer.from(text), count: 0 });

function recorded(parts: readonly PreviewedPart[]): RecordedPage[] {
  const bytes = parts.reduce((sum, { payload }) => sum + payload.byteLength, 0);
  if (bytes > RECORDED_MAX_BYTES) {
    throw new Unprocessable(
      'preview.too_large',
      `The pages hold ${bytes} bytes; ${RECORDED_MAX_BYTES} are recorded at once. Ask for fewer pages, or for smaller ones.`,
    );
  }
  return parts.map(({ format, payload }) => ({ format, text: Buffer.from(payload).toString('utf8') }));
}
