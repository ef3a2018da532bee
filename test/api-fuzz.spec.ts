import { CreatedKey } from '#libs/contracts/auth.contract';
import { Run } from '#libs/contracts/orchestrator.contract';
import { PULLED_PIPELINE } from './contract/examples';
import { Generator, Request } from './contract/generator';
import { OpenApi } from './contract/openapi';
import { applyMetrics } from './scenarios/pushed-events';
import { ChartlyUnderTest } from './support/chartly';
import { seededRandom } from './support/random';
import { verifyAudit } from './scenarios/audit';

/** `npm run fuzz -- --requests 20000 --seed 7` is the whole run; the suite makes a short one. */
const REQUESTS = Number(process.env.CHARTLY_FUZZ_REQUESTS ?? 6_000);
const SEED = Number(process.env.CHARTLY_FUZZ_SEED ?? 1);
const AT_ONCE = 4;
const SHOWN = 10;
/** Ends a run that hangs; a request takes a hundredth of a second. Unit: milliseconds. */
const HANG_GUARD_MS = 300_000 + REQUESTS * 100;

describe(`rule 36: ${REQUESTS} requests made from the API's own description (seed ${SEED})`, () => {
  let chartly: ChartlyUnderTest;

  beforeAll(async () => {
    chartly = await ChartlyUnderTest.start('one process', {
      CHARTLY_FUZZ_REQUESTS: undefined,
      CHARTLY_FUZZ_SEED: undefined,
    });
    await applyMetrics(chartly.api);
    await chartly.api.ok('/v1/projects/default/apply', { body: PULLED_PIPELINE, type: 'application/yaml' });
  });
  afterAll(() => chartly.end());

  it(
    'gives no 5xx and nothing that the description does not say',
    async () => {
      const { api } = chartly;
      const openApi = await OpenApi.read(api);
      const { id: run } = await api.ok<Run>('/v1/projects/default/pipelines/pulled/runs', { method: 'POST' });
      const { id: key, key: spare } = await api.json<CreatedKey>('/v1/keys', {
        name: 'fuzz',
        role: 'viewer',
        project: 'default',
      });
      const random = seededRandom(SEED);
      const generator = new Generator(openApi, ['metrics', 'pulled', 'nowhere', 'default', run, key], random);
      const { operations } = openApi;
      const wrong: string[] = [];
      const statuses = new Map<number, number>();
      let made = 0;

      const send = async ({ operation, path, body, type, headers }: Request): Promise<void> => {
        const dice = random();
        const credential = dice < 0.9 ? undefined : dice < 0.95 ? spare : null;
        const answer = await api.send(path, { method: operation.verb, body, type, headers, key: credential });
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        const sent = `${path} ${JSON.stringify(headers)} ${type ?? ''} ${JSON.stringify(body)?.slice(0, 1_000) ?? ''}`;
        if (answer.status >= 500)
          wrong.push(`${operation.verb} ${sent} -> ${answer.status}: ${JSON.stringify(answer.body)}`);
        wrong.push(...openApi.differences(operation, answer, sent));
      };
      const worker = async (): Promise<void> => {
        while (made < REQUESTS && wrong.length < SHOWN) {
          made += 1;
          await send(generator.next(operations[Math.floor(random() * operations.length)]!));
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));

      expect(wrong).toEqual([]);
      expect(made).toBe(REQUESTS);
      /* A generator that never gets through, or never is refused, tests nothing. */
      for (const status of [200, 202, 400, 401, 403, 404, 415, 422])
        expect(statuses.get(status) ?? 0).toBeGreaterThan(0);
      await verifyAudit(api);
    },
    HANG_GUARD_MS,
  );
});
