import { verifyLog } from '#libs/audit-proof/verify-log';
import { Checkpoint, EntryPage } from '#libs/contracts/audit.contract';
import { Api } from '../support/api';

/** Downloads the whole log, expects it to verify, and gives its size. */
export async function verifyAudit(api: Api): Promise<number> {
  const { note, publicKey, size } = await api.ok<Checkpoint>('/v1/audit/checkpoint');
  const leaves: string[] = [];
  while (leaves.length < size) {
    const { entries } = await api.ok<EntryPage>(`/v1/audit/entries?from=${leaves.length}&limit=500`);
    expect(entries.length).toBeGreaterThan(0);
    leaves.push(...entries.map(({ leaf }) => leaf));
  }
  expect(await verifyLog({ leaves, note, publicKey })).toMatchObject({ verified: true });
  return size;
}
