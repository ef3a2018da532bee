import { Injectable } from '@nestjs/common';
import { consistencyProof, inclusionProof } from '#libs/audit-proof/proofs';
import { TILE_WIDTH } from '#libs/audit-proof/tiles';
import { keyTarget, RESERVED_ACTIONS, ROTATED_KEY } from '#libs/audit-proof/reserved-entries';
import {
  AppendedEntries,
  AppendEntries,
  AuditContract,
  Checkpoint,
  EntryPage,
  ErasedSubject,
  EraseSubject,
  GetConsistency,
  GetHashes,
  GetInclusion,
  GetTile,
  ListEntries,
  Proof,
  RotatedKey,
} from '#libs/contracts/audit.contract';
import { entryOf } from '#libs/audit-trail/audit-entry';
import { Clock, Ids } from '#libs/clock/clock';
import { BadRequest, NotFound } from '#libs/errors/errors';
import { Idempotency } from '#libs/idempotency/idempotency';
import { Facets } from './facets';
import { Log } from './log';
import { PersonalData } from './personal-data';
import { Handovers } from './handovers';
import { Seals } from './seals';
import { Witnesses } from './witnesses';

const PAGE = 200;

@Injectable()
export class AuditService implements AuditContract {
  constructor(
    private readonly log: Log,
    private readonly facets: Facets,
    private readonly personalData: PersonalData,
    private readonly witnesses: Witnesses,
    private readonly handovers: Handovers,
    private readonly seals: Seals,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly idempotency: Idempotency,
  ) {}

  async append({ entries }: AppendEntries): Promise<AppendedEntries> {
    const reserved = entries.find(({ action }) => RESERVED_ACTIONS.has(action));
    if (reserved) {
      throw new BadRequest(
        'audit.reserved',
        `"${reserved.action}" is what the log says of itself; nobody else appends it.`,
      );
    }
    return { indexes: await this.log.append(entries) };
  }

  async checkpoint(): Promise<Checkpoint> {
    const witnessed = await this.witnesses.newest();
    const { size, root, note, key } = await this.log.head(); // read later, so that it goes on from the other
    const handovers = await this.handovers.upTo(size);
    const sealed = await this.seals.within(size);
    return {
      size,
      root: root.toString('base64'),
      note,
      publicKey: key,
      handovers: handovers.map(({ note: by, leaf }) => ({ note: by, leaf })),
      sealed,
      ...(witnessed ? { witnessed: witnessed.note } : {}),
    };
  }

  async entries(request: ListEntries): Promise<EntryPage> {
    const { limit = PAGE } = request;
    const found = await this.facets.find(request, limit + 1);
    const page = found.slice(0, limit);
    const next = found[limit];
    const disclosed = await this.personalData.of(page.map(({ index }) => index));
    return {
      entries: page.map((entry) => ({ ...entry, disclosed: disclosed.get(entry.index) ?? [] })),
      ...(next ? { next: next.index } : {}),
    };
  }

  async erase({ subject }: EraseSubject): Promise<ErasedSubject> {
    let fields = 0;
    const entry = entryOf(
      { action: 'audit.erase', target: `Subject/${subject}`, outcome: 'succeeded' },
      this.clock,
      this.ids,
    );
    await this.log.appendWith(async (tx) => {
      const erased = await this.personalData.erase(tx, subject);
      if (erased === undefined) {
        throw new NotFound(
          'audit.subject_unknown',
          `Nothing is kept of "${subject}", or it was erased before. A subject is an actor's kind and id, as in "user:0190...".`,
        );
      }
      fields = erased;
    }, entry);
    return { fields };
  }

  rotateKey(): Promise<RotatedKey> {
    return this.log.exclusively((tx, append) =>
      this.idempotency.once(tx, () =>
        this.log.rotate(tx, append, (key) =>
          entryOf({ action: ROTATED_KEY, target: keyTarget(key), outcome: 'succeeded' }, this.clock, this.ids),
        ),
      ),
    );
  }

  async inclusion({ index, size }: GetInclusion): Promise<Proof> {
    await this.requireSize(size);
    if (index >= size) throw new BadRequest('audit.range', `A log of ${size} entries has none at index ${index}.`);
    return proofOf(await this.log.hashes(size, inclusionProof(index, size)));
  }

  async consistency({ from, to }: GetConsistency): Promise<Proof> {
    await this.requireSize(to);
    if (from > to) throw new BadRequest('audit.range', `A log of ${to} entries has no beginning of ${from}.`);
    return proofOf(await this.log.hashes(to, consistencyProof(from, to)));
  }

  async hashes({ from, limit = PAGE }: GetHashes): Promise<Proof> {
    const size = await this.log.reached(from + limit);
    return proofOf(await this.log.leafHashes(from, Math.min(size, from + limit)));
  }

  async tile({ level, index, width }: GetTile): Promise<Proof> {
    await this.requireSize((index * TILE_WIDTH + width) * TILE_WIDTH ** level);
    return proofOf(await this.log.tileHashes({ level, index, width }));
  }

  private async requireSize(size: number): Promise<void> {
    const reached = await this.log.reached(size);
    if (size > reached) throw new BadRequest('audit.range', `The log has ${reached} entries, not yet ${size}.`);
  }
}

const proofOf = (hashes: readonly Buffer[]): Proof => ({ hashes: hashes.map((hash) => hash.toString('base64')) });
