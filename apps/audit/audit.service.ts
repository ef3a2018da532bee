import { Injectable } from '@nestjs/common';
import { consistencyProof, inclusionProof } from '#libs/audit-proof/proofs';
import {
  AppendedEntries,
  AppendEntries,
  AuditContract,
  Checkpoint,
  EntryPage,
  GetConsistency,
  GetInclusion,
  ListEntries,
  Proof,
} from '#libs/contracts/audit.contract';
import { canonicalJson } from '#libs/documents/canonical';
import { BadRequest } from '#libs/errors/errors';
import { Log } from './log';
import { SigningKey } from './signing-key';

const PAGE = 200;

@Injectable()
export class AuditService implements AuditContract {
  constructor(
    private readonly log: Log,
    private readonly key: SigningKey,
  ) {}

  async append({ entries }: AppendEntries): Promise<AppendedEntries> {
    return { indexes: await this.log.append(entries.map((entry) => ({ id: entry.id, leaf: canonicalJson(entry) }))) };
  }

  async checkpoint(): Promise<Checkpoint> {
    const { size, root, note } = await this.log.head();
    return { size, root: root.toString('base64'), note, publicKey: this.key.publicKey };
  }

  async entries({ from = 0, limit = PAGE }: ListEntries): Promise<EntryPage> {
    const page = await this.log.page(from, limit + 1);
    const next = page[limit];
    return { entries: page.slice(0, limit), ...(next ? { next: next.index } : {}) };
  }

  async inclusion({ index, size }: GetInclusion): Promise<Proof> {
    await this.requireSize(size);
    if (index >= size) throw new BadRequest('audit.range', `A log of ${size} entries has none at index ${index}.`);
    return proofOf(await inclusionProof(index, size, this.log.hashes(size)));
  }

  async consistency({ from, to }: GetConsistency): Promise<Proof> {
    await this.requireSize(to);
    if (from > to) throw new BadRequest('audit.range', `A log of ${to} entries has no beginning of ${from}.`);
    return proofOf(await consistencyProof(from, to, this.log.hashes(to)));
  }

  private async requireSize(size: number): Promise<void> {
    const head = await this.log.head();
    if (size > head.size) throw new BadRequest('audit.range', `The log has ${head.size} entries, not yet ${size}.`);
  }
}

const proofOf = (hashes: readonly Buffer[]): Proof => ({ hashes: hashes.map((hash) => hash.toString('base64')) });
