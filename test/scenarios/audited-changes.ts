import { ArchiveWork } from '#libs/contracts/archives';
import { QuarantineTask } from '#libs/contracts/quarantine';
import { Run } from '#libs/contracts/orchestrator.contract';
import { SAVED_QUERY } from '../contract/examples';
import { Api } from '../support/api';

/** A request that changes something, in the API's own terms. */
export interface Change {
  readonly path: string;
  readonly method: 'POST' | 'PUT' | 'DELETE';
  readonly body?: string;
  readonly type?: string;
  /** Another credential than the operator's own; none where it is null. */
  readonly key?: string | null;
}

/** A kind of thing that one request makes under a name of its own, and another takes away again. */
export interface KindOfThing {
  readonly make: (name: string) => Change;
  /** Of what was answered to who made it. */
  readonly remove: (name: string, made: { readonly id?: string }) => Change;
  /** The names of all that are there. */
  readonly there: (api: Api) => Promise<readonly string[]>;
  /** False where the change is in another engine than the entry, and made before it: somebody asks again after a crash. */
  readonly isOneWithItsEntry?: boolean;
}

const IN_PROJECT = '/v1/projects/default';
const JSON_TYPE = 'application/json';

const json = (method: 'POST' | 'PUT', path: string, value: unknown): Change => ({
  method,
  path,
  body: JSON.stringify(value),
  type: JSON_TYPE,
});
const deletion = (path: string): Change => ({ method: 'DELETE', path });

/** What is put under its name, deleted by it, and listed. */
const named = (folder: string, body: unknown, list: string): KindOfThing => ({
  make: (name) => json('PUT', `${folder}/${name}`, body),
  remove: (name) => deletion(`${folder}/${name}`),
  there: async (api) => {
    const answer = await api.ok<Record<string, { readonly name: string }[]>>(folder);
    return (answer[list] ?? []).map(({ name }) => name);
  },
});

const schema = (name: string): string => `apiVersion: chartly.io/v1
kind: Schema
metadata: { name: ${name}, project: default }
spec: { version: 1, jsonSchema: { type: object, properties: { id: { type: string } } } }
`;

const METRICS = `${IN_PROJECT}/datasets/metrics`;
/** A time at which no other event is. */
const IMPORTED_AT = '2025-06-01T00:00:00Z';
const IMPORTED_UNTIL = '2025-06-01T00:00:01Z';

export const KINDS_OF_THINGS: Readonly<Record<string, KindOfThing>> = {
  document: {
    make: (name) => ({
      method: 'PUT',
      path: `${IN_PROJECT}/documents/schemas/${name}`,
      body: schema(name),
      type: 'application/yaml',
    }),
    remove: (name) => deletion(`${IN_PROJECT}/documents/schemas/${name}`),
    there: async (api) => {
      const names: string[] = [];
      for (let cursor: string | undefined = ''; cursor !== undefined;) {
        const page: { documents: { name: string }[]; next?: string } = await api.ok(
          `${IN_PROJECT}/documents?kind=schemas&limit=1000${cursor === '' ? '' : `&cursor=${cursor}`}`,
        );
        names.push(...page.documents.map(({ name }) => name));
        cursor = page.next;
      }
      return names;
    },
  },
  role: named('/v1/roles', { rules: [{ permissions: ['pipelines:read'] }] }, 'roles'),
  binding: named(
    `${IN_PROJECT}/bindings`,
    { role: 'viewer', subjects: [{ kind: 'account', name: 'default/robot' }] },
    'bindings',
  ),
  secret: named(`${IN_PROJECT}/secrets`, { provider: 'own', value: 'nobody sees it' }, 'secrets'),
  group: named('/v1/groups', { members: ['person'] }, 'groups'),
  provider: named('/v1/identity-providers', { issuer: 'https://login.example.com', clientId: 'chartly' }, 'providers'),
  account: named(`${IN_PROJECT}/service-accounts`, {}, 'accounts'),
  query: named(`${IN_PROJECT}/queries`, JSON.parse(SAVED_QUERY), 'queries'),
  user: {
    make: (name) => json('POST', '/v1/users', { name }),
    remove: (name) => deletion(`/v1/users/${name}`),
    there: async (api) => (await api.ok<{ users: { name: string }[] }>('/v1/users')).users.map(({ name }) => name),
  },
  key: {
    make: (name) => json('POST', '/v1/keys', { name, role: 'viewer', project: 'default' }),
    remove: (_, { id }) => deletion(`/v1/keys/${id}`),
    there: async (api) => {
      const { keys } = await api.ok<{ keys: { name: string; revokedAt?: string }[] }>('/v1/keys');
      return keys.filter(({ revokedAt }) => revokedAt === undefined).map(({ name }) => name);
    },
  },
  row: {
    isOneWithItsEntry: false,
    make: (name) => ({
      method: 'POST',
      path: `${METRICS}/import?id=${name}`,
      body: `${JSON.stringify({ id: name, time: IMPORTED_AT, host: 'imported', value: 1 })}\n`,
      type: 'application/x-ndjson',
    }),
    remove: (name) =>
      json('POST', `${METRICS}/erasures`, {
        eraseId: eraseIdOf(name),
        filters: [{ column: 'id', op: 'eq', value: name }],
      }),
    there: async (api) => {
      const range = new URLSearchParams({ columns: 'id', from: IMPORTED_AT, to: IMPORTED_UNTIL, limit: '10000' });
      const { rows } = await api.ok<{ rows: [string][] }>(`${METRICS}/rows?${range.toString()}`);
      return rows.map(([id]) => id);
    },
  },
};

const eraseIdOf = (name: string): string => `0190f5c4-0000-7000-8000-${name.replace(/\D/g, '').padStart(12, '0')}`;

/** What happens once and cannot be taken back, and how to see of an answer that it is still so. */
export interface KindOfEvent {
  readonly make: (world: AuditedWorld) => Change;
  readonly stands?: (api: Api, answer: never) => Promise<boolean>;
}

/** What the events below happen to. */
export interface AuditedWorld {
  readonly viewerKey: string;
  readonly password: string;
  readonly from: string;
}

const found = async (api: Api, path: string): Promise<boolean> => (await api.send(path)).status === 200;

export const KINDS_OF_EVENTS: Readonly<Record<string, KindOfEvent>> = {
  retry: {
    make: () => json('POST', `${IN_PROJECT}/quarantine/retry`, { pipeline: 'metrics', text: 'bad' }),
    stands: (api, { id }: QuarantineTask) => found(api, `${IN_PROJECT}/quarantine/tasks/${id}`),
  },
  discard: {
    make: () => json('POST', `${IN_PROJECT}/quarantine/discard`, { pipeline: 'metrics', text: 'bad-1', why: 'a test' }),
    stands: (api, { id }: QuarantineTask) => found(api, `${IN_PROJECT}/quarantine/tasks/${id}`),
  },
  replay: {
    make: ({ from }) => json('POST', `${IN_PROJECT}/pipelines/metrics/replays`, { from }),
    stands: (api, { id }: Run) => found(api, `${IN_PROJECT}/runs/${id}`),
  },
  run: {
    make: () => ({ method: 'POST', path: `${IN_PROJECT}/pipelines/pulled/runs` }),
    stands: (api, { id }: Run) => found(api, `${IN_PROJECT}/runs/${id}`),
  },
  archive: {
    make: () => json('POST', `${METRICS}/archives`, {}),
    stands: async (api, { id }: ArchiveWork) => {
      const { work } = await api.ok<{ work: ArchiveWork[] }>(`${METRICS}/archives`);
      return work.some((one) => one.id === id);
    },
  },
  export: {
    make: () => json('POST', `${IN_PROJECT}/query/export?format=csv`, { dataset: 'metrics', columns: ['id'] }),
  },
  login: {
    make: ({ password }) => ({ ...json('POST', '/v1/login', { name: 'person', password }), key: null }),
    stands: async (api, { accessToken, sessionId }: { accessToken: string; sessionId: string }) => {
      const { sessions } = await api.ok<{ sessions: { id: string }[] }>('/v1/me/sessions', { key: accessToken });
      return sessions.some(({ id }) => id === sessionId);
    },
  },
  denial: {
    make: ({ viewerKey }) => ({
      ...json('PUT', `${IN_PROJECT}/secrets/denied`, { provider: 'own', value: 'x' }),
      key: viewerKey,
    }),
  },
  'new key of the log': { make: () => ({ method: 'POST', path: '/v1/audit/keys' }) },
};
