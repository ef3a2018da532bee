import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditTrail } from '#libs/audit-trail/audit-trail';
import { EraseRows, ErasureReceipt } from '#libs/contracts/erasure';
import { digestOf } from '#libs/documents/canonical';
import { databaseError } from '#libs/database/database-errors';
import { BadRequest, Conflict, NotFound, Unprocessable } from '#libs/errors/errors';
import { asChartlyError } from '#libs/errors/wire';
import { Idempotency, Keep } from '#libs/idempotency/idempotency';
import { eachByItself } from '#libs/queue/each-by-itself';
import { EventStore } from './event-store';

const ASK = `
  INSERT INTO storage.erasures (erase_id, project, dataset, asked, filters) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT DO NOTHING`;

const ASKED = `SELECT project, dataset, asked, erased FROM storage.erasures WHERE erase_id = $1`;

const DONE = `
  UPDATE storage.erasures SET erased = $2, filters = NULL, done_at = clock_timestamp()
   WHERE erase_id = $1 AND done_at IS NULL RETURNING 1`;

const UNDONE = `
  SELECT erase_id AS "eraseId", project, dataset, filters FROM storage.erasures
  WHERE done_at IS NULL AND asked_at < clock_timestamp() - interval '5 minutes'`;

/** What a request that nothing will ever make right ends with. */
const NEVER = [BadRequest, Unprocessable, NotFound];

interface AskedRow {
  readonly project: string;
  readonly dataset: string;
  readonly asked: string;
  readonly erased: string | null;
}

/** Erasures from their request to their receipt: one that was asked for is carried through, whatever ends in between. */
@Injectable()
export class Erasures {
  constructor(
    private readonly events: EventStore,
    private readonly database: DataSource,
    private readonly audit: AuditTrail,
    private readonly idempotency: Idempotency,
  ) {}

  /** Throws Conflict `erasure.reused` when the id stands for another erasure. */
  erase(request: EraseRows): Promise<ErasureReceipt> {
    return this.idempotency.around(this.database, (keep) => this.ask(request, keep));
  }

  /** Those that broke off; one that fails keeps no other from its turn. */
  async finish(): Promise<void> {
    await eachByItself(await this.database.query<EraseRows[]>(UNDONE), (request) => this.carryThrough(request));
  }

  private async ask(request: EraseRows, keep: Keep<ErasureReceipt>): Promise<ErasureReceipt> {
    const { eraseId, project, dataset, filters } = request;
    const asked = digestOf({ project, dataset, filters });
    await this.events.totals(request); // a dataset that there is not leaves no request behind
    await this.database.query(ASK, [eraseId, project, dataset, asked, JSON.stringify(filters)]);
    const [row] = await this.database.query<AskedRow[]>(ASKED, [eraseId]);
    if (row?.asked !== asked) {
      throw new Conflict('erasure.reused', `The id ${eraseId} stands for another erasure. Ask under an id of its own.`);
    }
    return row.erased === null ? this.carryThrough(request, keep) : { eraseId, erased: Number(row.erased) };
  }

  private async carryThrough(request: EraseRows, keep?: Keep<ErasureReceipt>): Promise<ErasureReceipt> {
    const { eraseId, project, dataset } = request;
    const receipt = await this.events.erase(request).catch(async (thrown: unknown) => {
      await this.withdraw(request, thrown);
      throw thrown;
    });
    await this.database.transaction(async (tx) => {
      const [done] = await tx.query<[unknown[], number]>(DONE, [eraseId, receipt.erased]);
      if (done.length === 0) return; // somebody else carried it through
      await this.audit.record(tx, {
        action: 'dataset.erase',
        target: `Dataset/${dataset}`,
        outcome: 'succeeded',
        project,
        after: digestOf(receipt),
        reason: `erasure ${eraseId} took ${receipt.erased} rows`,
      });
      await keep?.(tx, receipt);
    });
    return receipt;
  }

  /** What can never be carried through is not kept; any other error says nothing of the request. */
  private async withdraw({ eraseId }: EraseRows, thrown: unknown): Promise<void> {
    const error = databaseError(thrown) ?? asChartlyError(thrown);
    if (NEVER.some((kind) => error instanceof kind))
      await this.database.query('DELETE FROM storage.erasures WHERE erase_id = $1 AND done_at IS NULL', [eraseId]);
  }
}
