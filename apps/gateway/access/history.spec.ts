import { AuditContract, ListEntries } from '#libs/contracts/audit.contract';
import { historyOf, tookOf, useOf } from './history';

const ROUTES = [
  { path: '/v1/keys', permission: 'keys:write', audited: ['keys.create'] },
  { path: '/v1/projects/:project/service-accounts/:account/keys', permission: 'keys:write', audited: ['keys.create'] },
  { path: '/v1/projects/:project/documents/:kind/:name', permission: 'pipelines:write', audited: ['documents.delete'] },
  { path: '/v1/projects/:project/quarantine/retry', permission: 'quarantine:write', audited: ['quarantine.retry'] },
  { path: '/v1/projects/:project/datasets/:dataset/erasures', permission: 'data:erase', audited: ['dataset.erase'] },
  { path: '/v1/users/:user', permission: 'users:write', audited: ['users.delete'] },
  { path: '/v1/login', audited: ['session.begin'] },
] as const;

const ID = '0190f5c4-0000-7000-8000-000000000001';
const TIME = '2026-01-01T00:00:00.000Z';
const BY = { time: TIME, kind: 'user', id: ID } as const;

describe('what was done, as what it took', () => {
  const took = tookOf(ROUTES);
  const use = (action: string, target: string, project?: string, kind = 'user'): object[] =>
    useOf(took, {
      time: TIME,
      actor: { kind, id: ID },
      action,
      target,
      outcome: 'succeeded',
      ...(project === undefined ? {} : { project }),
    });

  it('is the permission of the route that the action belongs to, in the project and of the thing it was about', () => {
    expect(use('documents.delete', 'Pipeline/shop/orders', 'shop')).toEqual([
      { ...BY, permission: 'pipelines:write', project: 'shop', name: 'orders' },
    ]);
    expect(use('dataset.erase', 'Dataset/orders', 'shop')).toEqual([
      { ...BY, permission: 'data:erase', project: 'shop', name: 'orders' },
    ]);
  });

  it('is of the system as a whole or of a project, as the entry says, where there is a route of each', () => {
    expect(use('keys.create', `ApiKey/${ID}`)).toEqual([{ ...BY, permission: 'keys:write' }]);
    expect(use('keys.create', `ApiKey/${ID}`, 'shop')).toEqual([{ ...BY, permission: 'keys:write', project: 'shop' }]);
  });

  it('takes no id for a name, and no name where the path has none', () => {
    expect(use('users.delete', `User/${ID}`)).toEqual([{ ...BY, permission: 'users:write' }]);
    expect(use('quarantine.retry', `Pipeline/orders/quarantine/${ID}`, 'shop')).toEqual([
      { ...BY, permission: 'quarantine:write', project: 'shop' },
    ]);
  });

  it('is nothing for what takes no permission, what no route does, and what nobody did whom a role binds', () => {
    expect(use('session.begin', `User/${ID}`)).toEqual([]);
    expect(use('secrets.use', 'Secret/shop/token', 'shop')).toEqual([]);
    expect(use('documents.delete', 'Pipeline/shop/orders', 'shop', 'local')).toEqual([]);
  });

  it('is read page by page, of those that succeeded since', async () => {
    const asked: ListEntries[] = [];
    const entry = (index: number): { index: number; leaf: string; disclosed: [] } => ({
      index,
      leaf: JSON.stringify({
        time: TIME,
        actor: { kind: 'user', id: ID },
        action: 'keys.create',
        target: `ApiKey/${ID}`,
      }),
      disclosed: [],
    });
    const audit = {
      entries: (request: ListEntries) => {
        asked.push(request);
        return Promise.resolve(request.from === 0 ? { entries: [entry(0)], next: 7 } : { entries: [entry(7)] });
      },
    } as unknown as AuditContract; // it asks for nothing else
    const now = Date.parse('2026-02-01T00:00:00Z');
    expect(await historyOf(audit, took, 30, now)).toHaveLength(2);
    const same = { limit: 1_000, since: '2026-01-02T00:00:00.000Z', outcome: 'succeeded' };
    expect(asked).toEqual([
      { from: 0, ...same },
      { from: 7, ...same },
    ]);
  });
});
