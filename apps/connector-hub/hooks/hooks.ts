import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '#libs/clock/clock';
import { AcceptReceipt } from '#libs/contracts/connector-hub.contract';
import { HookDelivery } from '#libs/contracts/hook-delivery';
import { PipelineName } from '#libs/contracts/pipeline-ref';
import type { RecordFormat } from '#libs/contracts/record-format';
import { Hook } from '#libs/documents/hook';
import { Secrets } from '#libs/secrets/secrets';
import { Inbox } from '../inbox/inbox';
import { hookRefused, verify } from './signatures';

const HOOK_OF = `
  SELECT s.hook
  FROM connector_hub.pipelines p
  JOIN connector_hub.sources s USING (project, pipeline, version)
  WHERE p.project = $1 AND p.pipeline = $2 AND p.removed_at IS NULL AND s.hook IS NOT NULL`;

const FORMATS: readonly (readonly [RegExp, RecordFormat])[] = [
  [/ndjson|jsonl/, 'ndjson'],
  [/^text\/csv/, 'csv'],
  [/cloudevents/, 'cloudevents'],
  [/[/+]xml/, 'xml'],
];

/** Takes what webhooks send. */
@Injectable()
export class Hooks {
  constructor(
    private readonly database: DataSource,
    private readonly inbox: Inbox,
    private readonly secrets: Secrets,
    private readonly clock: Clock,
  ) {}

  /**
   * See `ConnectorHubContract.deliver`. The call's id is kept as an idempotency key, so for 72 hours and far beyond the
   * five minutes in which its signature holds (rule 29): a call that comes again gets the first receipt.
   */
  async deliver({ project, pipeline, headers, body }: HookDelivery): Promise<AcceptReceipt> {
    const hook = await this.hookOf({ project, pipeline });
    const { value: secrets } = await this.secrets.open(project, hook.secrets, `Pipeline/${project}/${pipeline}`);
    const id = verify(hook, secrets, { headers, body }, this.clock.now());
    const type = headers['content-type']?.toLowerCase() ?? '';
    const format = FORMATS.find(([pattern]) => pattern.test(type))?.[1] ?? 'json';
    return this.inbox.accept({ project, pipeline, format, body, idempotencyKey: `hook:${id}` });
  }

  private async hookOf({ project, pipeline }: PipelineName): Promise<Hook> {
    const [row] = await this.database.query<{ hook: Hook }[]>(HOOK_OF, [project, pipeline]);
    if (!row) throw hookRefused();
    return row.hook;
  }
}
