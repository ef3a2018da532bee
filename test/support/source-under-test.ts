import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { QueryReply } from '#libs/contracts/analytics.contract';
import { Run } from '#libs/contracts/orchestrator.contract';
import { PipelinePreview } from '#libs/contracts/pipeline-preview';
import { substituteEnv } from '#libs/documents/substitute-env';
import { ledgerOf, settledLedger } from '../scenarios/pushed-events';
import { AckProxy } from './ack-proxy';
import { ChartlyUnderTest } from './chartly';
import { EXAMPLES_FOLDER } from './paths';
import { until } from './until';

/** The pipeline of an example, in a Chartly of its own, without its schedule: it is pulled when the test says so. */
export class SourceUnderTest {
  private pipeline = '';
  private dataset = '';
  private document = '';

  private constructor(
    private readonly example: string,
    private readonly chartly: ChartlyUnderTest,
  ) {}

  /** `peerPort` is the one port of the machine that its source may reach. */
  static async start(example: string, peerPort: number): Promise<SourceUnderTest> {
    const allow = { CHARTLY_EGRESS_ALLOW: `127.0.0.1:${peerPort}` };
    return SourceUnderTest.on(await ChartlyUnderTest.start('one process', allow), example);
  }

  /** In a Chartly that others use, too. */
  static on(chartly: ChartlyUnderTest, example: string): SourceUnderTest {
    return new SourceUnderTest(example, chartly);
  }

  /** The example with these variables. */
  async written(env: Readonly<Record<string, string>>): Promise<string> {
    const example = await readFile(join(EXAMPLES_FOLDER, this.example, 'pipeline.yaml'), 'utf8');
    return substituteEnv(example, env).replace(/^ {2}schedule: .*\n/m, '');
  }

  async apply(env: Readonly<Record<string, string>>): Promise<void> {
    const body = await this.written(env);
    this.document = body;
    this.pipeline = /^metadata: \{ name: ([a-z_]+)/m.exec(body)?.[1] ?? '';
    this.dataset = /^ {4}dataset: ([a-z_]+)/m.exec(body)?.[1] ?? '';
    await this.chartly.api.ok('/v1/projects/default/apply', { body, type: 'application/yaml' });
  }

  async secret(name: string, value: string): Promise<void> {
    const path = `/v1/projects/default/secrets/${name}`;
    await this.chartly.api.json(path, { provider: 'own', value }, { method: 'PUT' });
  }

  async started(): Promise<string> {
    const path = `/v1/projects/default/pipelines/${this.pipeline}/runs`;
    return (await this.chartly.api.ok<Run>(path, { method: 'POST' })).id;
  }

  async ended(id: string): Promise<Run> {
    const run = await this.endOf(id);
    expect([run.state, run.reason]).toEqual(['succeeded', undefined]);
    return run;
  }

  /** Pulls, and gives the run that failed. */
  async failed(): Promise<Run> {
    const run = await this.endOf(await this.started());
    expect(run.state).toBe('failed');
    return run;
  }

  private endOf(id: string): Promise<Run> {
    return until(`the run ${id} to end`, async () => {
      const found = await this.chartly.api.ok<Run>(`/v1/projects/default/runs/${id}`);
      return found.endedAt === undefined ? undefined : found;
    });
  }

  async pulled(): Promise<Run> {
    return this.ended(await this.started());
  }

  /** Pulls, and is killed when a page is committed and its acknowledgement was kept from the peer; then goes on. */
  async diesUnheard(proxy: AckProxy): Promise<void> {
    const kept = proxy.hold();
    const run = await this.started();
    await kept;
    await this.chartly.crash();
    proxy.letThrough();
    await this.chartly.boot();
    await this.ended(run);
  }

  /** kill -9 as soon as anything was taken in; then goes on to the end of the run. */
  async diesInTheMiddle(): Promise<void> {
    const run = await this.started();
    await until('some records to be there', async () => {
      const { records } = await ledgerOf(this.chartly.api, this.pipeline).catch(() => ({ records: { accepted: 0 } }));
      return records.accepted > 0 ? true : undefined;
    });
    await this.chartly.crash();
    await this.chartly.boot();
    await this.ended(run);
  }

  /** Pulls on until `count` rows are there; each is stored once, and what came again is accounted for as such. */
  async expectAll(told: string, count: number): Promise<void> {
    await until(`${count} rows`, async () => {
      await this.pulled();
      const { rows } = await settledLedger(this.chartly.api, this.pipeline);
      return rows.stored >= count ? true : undefined;
    });
    const { records, rows, balanced } = await settledLedger(this.chartly.api, this.pipeline);
    expect(rows.stored).toBe(count);
    expect(rows.duplicate).toBeGreaterThan(0);
    expect(records).toMatchObject({ accepted: count + rows.duplicate, quarantined: 0 });
    expect(balanced).toBe(true);
    expect(new Set((await this.rows(told)).flat()).size).toBe(count);
  }

  /** Of the first page, by the document as it was applied. */
  preview(): Promise<PipelinePreview> {
    const path = '/v1/projects/default/pipelines/preview';
    return this.chartly.api.ok<PipelinePreview>(path, { body: this.document, type: 'application/yaml' });
  }

  settled(): ReturnType<typeof settledLedger> {
    return settledLedger(this.chartly.api, this.pipeline);
  }

  async rows(...columns: string[]): Promise<QueryReply['rows']> {
    const ask = { dataset: this.dataset, columns, order: [{ by: columns[0] }], limit: 100_000 };
    return (await this.chartly.api.json<QueryReply>('/v1/projects/default/query', ask)).rows;
  }

  end(): Promise<void> {
    return this.chartly.end();
  }
}
