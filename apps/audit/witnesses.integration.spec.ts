import { Logger } from '@nestjs/common';
import { generateKeyPairSync, KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { cosignedAt } from '#libs/audit-proof/cosignature';
import { verifierKey } from '#libs/audit-proof/note-keys';
import { verifyLog } from '#libs/audit-proof/verify-log';
import { witnessServer } from '#libs/audit-witness/witness-server';
import { WitnessState } from '#libs/audit-witness/witness-state';
import { anEntry, AuditUnderTest } from './audit.testing';

const NAME = 'example.com/witness';
const NOW = Date.parse('2026-01-01T00:00:00Z');

/** A witness as `chartly audit witness` runs it, which remembers over its own restarts. */
class WitnessUnderTest {
  readonly refusals: string[] = [];
  private server?: Server;
  private port = 0;

  constructor(
    private readonly folder: string,
    private readonly logKey: string,
    private readonly pair: { readonly publicKey: KeyObject; readonly privateKey: KeyObject } = generateKeyPairSync(
      'ed25519',
    ),
  ) {}

  get key(): string {
    return verifierKey(NAME, this.pair.publicKey, 'cosignature');
  }

  get place(): string {
    return `http://127.0.0.1:${this.port}#${this.key}`;
  }

  async start(): Promise<this> {
    this.server = witnessServer({
      name: NAME,
      privateKey: this.pair.privateKey,
      logs: new Map([[this.logKey.split('+')[0]!, [this.logKey]]]),
      state: await WitnessState.open(join(this.folder, 'seen.json')),
      now: () => NOW,
      onRefusal: (reason) => this.refusals.push(reason),
    }).listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port; // it listens on TCP
    return this;
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise<void>((resolve) => this.server?.close(() => resolve()));
  }
}

describe('witnesses of the audit log', () => {
  let log: AuditUnderTest;
  let witness: WitnessUnderTest;

  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  beforeEach(async () => {
    log = await AuditUnderTest.start();
    const { keys } = await log.openParts();
    witness = await new WitnessUnderTest(log.dataDir, keys.first).start();
  });
  afterEach(async () => {
    await witness.stop();
    await log.stop();
  });

  const open = (): ReturnType<AuditUnderTest['openParts']> => log.openParts({ CHARTLY_AUDIT_WITNESSES: witness.place });
  const refusedIn = async ({ refused }: Awaited<ReturnType<typeof open>>): Promise<number | undefined> => {
    const { values } = await refused.get();
    return values[0]?.value;
  };

  it('cosign each head as the log grows, over restarts of either side', async () => {
    let parts = await open();
    for (const count of [1, 300, 5]) {
      await parts.audit.append({ entries: Array.from({ length: count }, (_, at) => anEntry(at)) });
      await parts.witnesses.show();
      const { witnessed, size } = await parts.audit.checkpoint();
      expect(witnessed).toContain(`\n${size}\n`);
      expect(cosignedAt(witnessed!, witness.key)).toBe(NOW / 1_000);
      await witness.stop();
      await witness.start();
      parts = await open();
    }
    expect(await refusedIn(parts)).toBeUndefined();
  });

  it('a verifier that asks for the witness gets its head as an earlier one', async () => {
    const { audit, witnesses, keys } = await open();
    await audit.append({ entries: [anEntry(1)] });
    await witnesses.show();
    await audit.append({ entries: [anEntry(2)] });
    const { note, witnessed } = await audit.checkpoint();
    const leaves = await log.leaves(audit);
    const earlier = [witnessed!];
    expect(await verifyLog({ leaves, note, publicKey: keys.first, earlier })).toMatchObject({
      verified: true,
      size: 2,
    });
  });

  it('rule 14: will not cosign a log that was put back to an earlier backup, and the log says so', async () => {
    const parts = await open();
    await parts.audit.append({ entries: [anEntry(1), anEntry(2), anEntry(3)] });
    await parts.witnesses.show();
    await log.forget();
    const restored = await open();
    await restored.audit.append({ entries: [anEntry(4)] });
    await restored.witnesses.show();
    expect(await refusedIn(restored)).toBe(1);
    expect(await restored.witnesses.newest()).toBeUndefined();
  });

  it('rule 14: will not cosign a fork that has outgrown what it saw', async () => {
    const parts = await open();
    await parts.audit.append({ entries: [anEntry(1), anEntry(2), anEntry(3)] });
    await parts.witnesses.show();
    await log.forget();
    const forked = await open();
    await forked.audit.append({ entries: Array.from({ length: 9 }, (_, at) => anEntry(at)) });
    await forked.witnesses.show();
    expect(await refusedIn(forked)).toBe(1);
    expect(witness.refusals.at(-1)).toMatch(/does not show that the 3 entries seen are the beginning/);
  });

  it('a witness that is away stops nothing, and cosigns when it is back', async () => {
    await witness.stop();
    const parts = await open();
    await parts.audit.append({ entries: [anEntry(1)] });
    await parts.witnesses.show();
    expect(await refusedIn(parts)).toBe(0);
    expect(await parts.audit.checkpoint()).not.toHaveProperty('witnessed');
    await witness.start();
    await parts.witnesses.show();
    expect(cosignedAt((await parts.audit.checkpoint()).witnessed!, witness.key)).toBeDefined();
  });
});
