import { opens } from '#libs/audit-proof/commitment';
import { verifyLog } from '#libs/audit-proof/verify-log';
import { anEntry, AuditUnderTest } from './audit.testing';

const ADA = { kind: 'user', id: '0190-ada', name: 'Ada Lovelace' };
const CLIENT = { address: '203.0.113.7', agent: 'curl/8' };

describe('what the audit log says of persons', () => {
  let log: AuditUnderTest;

  beforeAll(async () => {
    log = await AuditUnderTest.start();
    const audit = await log.open();
    const grace = { ...ADA, id: '0190-grace', name: 'Grace Hopper' };
    await audit.append({
      entries: [
        anEntry(0, { actor: ADA, client: CLIENT }),
        anEntry(1, { actor: grace, client: CLIENT }),
        anEntry(2, { actor: { kind: 'key', id: 'ci', name: 'deploys' } }),
      ],
    });
  });
  afterAll(() => log.stop());

  it('stands in no leaf: there is a commitment, which the disclosed value opens and no other', async () => {
    const { entries } = await (await log.open()).entries({});
    for (const { leaf } of entries) expect(leaf).not.toMatch(/Lovelace|Hopper|203\.0\.113|curl/);
    const [ada] = entries;
    expect(ada!.disclosed.map(({ path, value }) => [path, value])).toEqual([
      ['actor.name', 'Ada Lovelace'],
      ['client.address', '203.0.113.7'],
      ['client.agent', 'curl/8'],
    ]);
    for (const disclosure of ada!.disclosed) {
      expect(opens(ada!.leaf, disclosure)).toBe(true);
      expect(opens(ada!.leaf, { ...disclosure, value: `${disclosure.value}.` })).toBe(false);
      expect(opens(ada!.leaf, { ...disclosure, salt: Buffer.alloc(32).toString('base64') })).toBe(false);
      expect(opens(entries[1]!.leaf, disclosure)).toBe(false);
    }
    expect(entries[2]).toMatchObject({ disclosed: [] });
    expect(JSON.parse(entries[2]!.leaf)).toMatchObject({ actor: { name: 'deploys' } });
  });

  it('the same name twice tells nobody that it is the same', async () => {
    const audit = await log.open();
    await audit.append({ entries: [anEntry(3, { actor: ADA }), anEntry(4, { actor: ADA })] });
    const { entries } = await audit.entries({ actor: ADA.id });
    const names = entries.map(
      ({ leaf }) => (JSON.parse(leaf) as { actor: { name: { commitment: string } } }).actor.name,
    );
    expect(new Set(names.map(({ commitment }) => commitment)).size).toBe(entries.length);
  });

  it('is sealed in the table, and cannot be shown at the place of another entry', async () => {
    const rows = await log.database.query<{ sealed: Buffer }[]>('SELECT sealed FROM audit.personal_data');
    for (const { sealed } of rows) expect(sealed.toString('latin1')).not.toMatch(/Lovelace|Hopper|203\.0/);
    await log.database.query(
      'INSERT INTO audit.personal_data SELECT 99, path, key_id, sealed FROM audit.personal_data WHERE index = 0',
    );
    const audit = await log.open();
    await audit.append({ entries: Array.from({ length: 100 }, (_, at) => anEntry(at)) });
    await expect(audit.entries({ from: 99, limit: 1 })).rejects.toThrow(/unable to authenticate/);
  });

  it('is gone for good when its subject is erased; the entry of it says so, and the log still verifies', async () => {
    const audit = await log.open();
    const before = await audit.checkpoint();
    expect(await audit.erase({ subject: `user:${ADA.id}` })).toEqual({ fields: 8 });
    const { entries } = await audit.entries({ limit: 5 });
    expect(entries.map(({ disclosed }) => disclosed.length)).toEqual([0, 3, 0, 0, 0]);
    expect((await audit.entries({ action: 'audit.erase' })).entries).toHaveLength(1);
    const { note, publicKey, size } = await audit.checkpoint();
    expect(size).toBe(before.size + 1);
    const rows = await log.database.query<{ leaf: string }[]>('SELECT leaf FROM audit.entries ORDER BY index');
    const leaves = rows.map(({ leaf }) => leaf);
    expect(await verifyLog({ leaves, note, publicKey, earlier: [before.note] })).toMatchObject({
      verified: true,
      size,
    });
    await expect(audit.erase({ subject: `user:${ADA.id}` })).rejects.toMatchObject({
      code: 'audit.subject_unknown',
      status: 404,
    });
    expect((await audit.checkpoint()).size).toBe(size);
  });

  it('what comes after an erasure can be read, and does not bring back what was before', async () => {
    const audit = await log.open();
    await audit.append({ entries: [anEntry(5, { actor: ADA, action: 'after.erasure' })] });
    const { entries } = await audit.entries({ actor: ADA.id });
    expect(entries.map(({ disclosed }) => disclosed.length)).toEqual([0, 0, 0, 1]);
  });
});
