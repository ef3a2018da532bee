import { EntryPage } from '#libs/contracts/audit.contract';
import { CreatedKey } from '#libs/contracts/auth.contract';
import { CanaryHealth, SystemHealth } from '#libs/contracts/observer.contract';
import { Problem } from '#libs/errors/problem';
import { EVENTS, nineProcesses, pushBatches } from './scenarios/nine-processes';
import { applyMetrics, eventAt, METRICS_PIPELINE, ndjson, settledLedger } from './scenarios/pushed-events';
import { Answer } from './support/api';
import { until } from './support/until';

describe('nine processes on one Postgres', () => {
  nineProcesses(
    () => undefined,
    (chartly) => {
      const canaryWhere = (what: string, holds: (canary: CanaryHealth) => boolean): Promise<CanaryHealth> =>
        until(what, async () => {
          const { canary } = await chartly().api.ok<SystemHealth>('/v1/health');
          return holds(canary) ? canary : undefined;
        });

      it('answers a clear 503 while a service is dead, and goes on by itself when it is back', async () => {
        await chartly().split.kill('analytics');
        const question = { body: JSON.stringify({ rollup: 'quakes_hourly' }), type: 'application/json' };
        const answer = await chartly().api.send<Problem>('/v1/projects/default/query', question);
        expect(answer.status).toBe(503);
        expect(answer.headers.get('content-type')).toContain('application/problem+json');
        expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
        expect(answer.body.detail).toContain('analytics');

        await chartly().split.restart('analytics');
        await until('analytics to answer again', async () => {
          const { status } = await chartly().api.send('/v1/projects/default/query', question);
          return status === 200 ? true : undefined;
        });
      });

      it('refuses while auth is dead who was refused before, and tells the audit log of it when auth is back', async () => {
        const { api, split } = chartly();
        const { key, id } = await api.json<CreatedKey>('/v1/keys', {
          name: 'reader',
          role: 'viewer',
          project: 'default',
        });
        const push = (): Promise<Answer<Problem>> =>
          api.send<Problem>(EVENTS, { body: '{}', type: 'application/x-ndjson', key });
        expect((await push()).status).toBe(403);
        await split.kill('auth');
        const refused = await push();
        expect(refused).toMatchObject({ status: 403, body: { permission: 'events:write' } });
        await split.restart('auth');
        const entries = await until('the refusal to be in the log', async () => {
          const query = `actor=${id}&outcome=denied&limit=1000`;
          const page = await api.send<EntryPage>(`/v1/audit/entries?${query}`);
          const leaves = (page.body.entries ?? []).map(({ leaf }) => JSON.parse(leaf) as { requestId: string });
          return leaves.length >= 2 ? leaves : undefined;
        });
        const ids = entries.map(({ requestId }) => requestId);
        expect(ids.filter((one) => one === refused.headers.get('x-request-id'))).toHaveLength(1);
      });

      it('goes on taking data while auth is dead, by the last known decision, and does nothing else by it', async () => {
        const { api, split } = chartly();
        const body = METRICS_PIPELINE.replaceAll('metrics', 'staying');
        await api.ok('/v1/projects/default/apply', { body, type: 'application/yaml' });
        const keyOf = async (role: string): Promise<string> =>
          (await api.json<CreatedKey>('/v1/keys', { name: role, role, project: 'default' })).key;
        const [pushes, reads] = [await keyOf('ingest'), await keyOf('viewer')];
        const path = '/v1/projects/default/pipelines/staying/events';
        const push = (key: string): Promise<Answer<Problem>> =>
          api.send<Problem>(path, { body: ndjson([eventAt(0)]), type: 'application/x-ndjson', key });
        const read = async (): Promise<number> =>
          (await api.send('/v1/projects/default/documents', { key: reads })).status;
        const unknown = await keyOf('ingest');
        expect([(await push(pushes)).status, await read()]).toEqual([202, 200]);
        await split.kill('auth');
        await until('what is known of the reader to be too old', async () =>
          (await read()) === 503 ? true : undefined,
        );
        expect((await push(pushes)).status).toBe(202); // asked for before the reader was, so it is as old
        expect((await push(unknown)).status).toBe(503);
        await split.restart('auth');
        await until('the reader to be known again', async () => ((await read()) === 200 ? true : undefined));
      });

      it('takes pushes while the normalizer is dead and stores them when it is back', async () => {
        await applyMetrics(chartly().api);
        await chartly().split.kill('normalizer');
        await pushBatches(chartly(), 0, 5, 100);
        await canaryWhere(
          'rule 8: a canary that waits for the normalizer',
          ({ waitingFor }) => waitingFor === 'normalizer',
        );
        await chartly().split.restart('normalizer');
        await canaryWhere('the canary to fly again', ({ waitingFor, state }) => state === 'ok' && !waitingFor);
        const ledger = await settledLedger(chartly().api, 'metrics');
        expect(ledger.records).toMatchObject({ accepted: 500, normalized: 500 });
        expect(ledger).toMatchObject({ problems: [], balanced: true });
      });
    },
  );
});
