import { Example, World } from './examples';

/** How an operation is called so that it refuses. */
export interface Provocation {
  readonly id: string;
  readonly status: number;
  readonly example: (world: World) => Example;
  /** What is sent before, and succeeds. */
  readonly before?: Example;
  /** Who asks: the local operator when left out. */
  readonly as?: 'ingest';
}

const JSON_TYPE = 'application/json';
const YAML = 'application/yaml';
const json = (value: object): Example => ({ body: JSON.stringify(value), type: JSON_TYPE });
const UNKNOWN_ID = '01890000-0000-7000-8000-000000000000';
const CONNECTION = {
  body: 'apiVersion: chartly.io/v1\nkind: Connection\nmetadata: { name: nowhere, project: default }\nspec: { url: "https://elsewhere.invalid" }\n',
  type: YAML,
};
/** A session in a cookie, and nothing to show that a page of ours asks. */
const COOKIE = { headers: { cookie: '__Host-chartly-refresh=r; __Host-chartly-csrf=c' } };
const ROLE = json({ rules: [{ permissions: ['pipelines:read'] }] });

/** What refuses in a way of its own, beside what every operation of its kind does. */
export const PROVOCATIONS: readonly Provocation[] = [
  { id: 'postLogin', status: 401, example: () => json({ name: 'nobody', password: 'a long enough password' }) },
  { id: 'postLoginPasskey', status: 401, example: () => json({ challengeId: UNKNOWN_ID, response: { id: 'x' } }) },
  { id: 'postSessionRefresh', status: 401, example: () => json({}) },
  { id: 'postLogout', status: 401, example: () => json({}) },
  { id: 'postSetup', status: 401, example: () => json({ token: 'none-that-was-ever-made', keyName: 'first' }) },
  {
    id: 'postHooksHook',
    status: 401,
    example: () => ({
      params: { hook: 'default.hooked' },
      ...json({}),
      headers: { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` },
    }),
  },
  {
    id: 'getAccessCanI',
    status: 403,
    example: () => ({ query: { permission: 'data:read', as: `key:${UNKNOWN_ID}` } }),
    as: 'ingest',
  },
  { id: 'postSessionRefresh', status: 403, example: () => ({ ...json({}), ...COOKIE }) },
  { id: 'postLogout', status: 403, example: () => ({ ...json({}), ...COOKIE }) },
  {
    id: 'getAccessCanI',
    status: 404,
    example: () => ({ query: { permission: 'data:read', as: `key:${UNKNOWN_ID}` } }),
  },
  { id: 'getRoutesExplain', status: 404, example: () => ({ query: { method: 'GET', path: '/v1/nothing' } }) },
  { id: 'deleteAuditSubjectsSubject', status: 404, example: () => ({ params: { subject: `user:${UNKNOWN_ID}` } }) },
  {
    id: 'postProjectApply',
    status: 409,
    example: () => ({ ...CONNECTION, headers: { 'chartly-plan-basis': 'of another time' } }),
  },
  {
    id: 'deleteProjectDocumentsKindName',
    status: 409,
    example: () => ({ params: { kind: 'connections', name: 'nowhere' } }),
  },
  { id: 'postUsers', status: 409, example: () => json({ name: 'spare' }) },
  { id: 'putRolesRole', status: 409, example: () => ({ params: { role: 'viewer' }, ...ROLE }) },
  { id: 'putProjectRolesRole', status: 409, example: () => ({ params: { role: 'viewer' }, ...ROLE }) },
  { id: 'deleteRolesRole', status: 409, example: () => ({ params: { role: 'bound' } }) },
  { id: 'deleteProjectRolesRole', status: 409, example: () => ({ params: { role: 'bound' } }) },
  {
    id: 'putProjectServiceAccountsAccount',
    status: 409,
    example: () => ({ params: { account: 'robot' }, ...json({}) }),
  },
  {
    id: 'putProjectDocumentsKindName',
    status: 412,
    example: () => ({ params: { kind: 'schemas', name: 'put' }, headers: { 'if-match': '"another"' } }),
  },
  {
    id: 'deleteProjectDocumentsKindName',
    status: 412,
    example: () => ({ params: { kind: 'connections', name: 'nowhere' }, headers: { 'if-match': '"another"' } }),
  },
  { id: 'postProjectPipelinesPipelineRuns', status: 422, example: () => ({ params: { pipeline: 'metrics' } }) },
  ...(['Rows', 'Export'] as const).map((what) => ({
    id: `getProjectDatasetsDataset${what}`,
    status: 422,
    example: (): Example => ({ query: { columns: 'nothing' } }),
  })),
  { id: 'getProjectDatasetsDatasetLast', status: 422, example: () => ({ query: { by: 'nothing' } }) },
  {
    id: 'getProjectQueriesQuery',
    status: 422,
    example: () => ({ params: { query: 'put' }, query: { least: 'much' } }),
  },
  {
    id: 'postProjectPipelinesPipelineEvents',
    status: 422,
    before: { headers: { 'idempotency-key': 'pushed-once' } },
    example: () => ({ body: '{"id":"another"}\n', headers: { 'idempotency-key': 'pushed-once' } }),
  },
];

/** Statuses that no request of this suite brings about: an engine or a service has to be away. test/split.spec.ts and the suites of faults have them. */
export const NEVER_PROVOKED: Readonly<Record<string, string>> = {
  503: 'A service or an engine has to be away.',
  504: 'A deadline has to pass.',
};

const FLOW = 'A flow of several requests: test/sessions.spec.ts, test/passkeys.spec.ts.';
const ONCE_ONLY = 'The one setup link of an installation: test/newcomer.spec.ts.';
const NO_PROVIDER = 'It takes an identity provider: test/oidc-login.spec.ts.';
const JUST_THEN =
  'It takes another request that is just under way: the inbox suite of connector-hub and the archive suite of storage.';
const AS_OF = 'It tells of the moment at which it is asked, so that no two answers are alike.';
const TOO_MUCH = 'It takes millions of samples: the suites of apps/analytics/prometheus.';

/** Described statuses that this suite does not bring about, each with where it is shown, or why it cannot be. */
export const NOT_PROVOKED: Readonly<Record<string, string>> = {
  '201 postSetup': ONCE_ONLY,
  '200 postLogin': FLOW,
  '200 postLoginPasskey': FLOW,
  '200 postLoginPasskeyOptions': FLOW,
  '200 postSessionRefresh': FLOW,
  '204 postLogout': FLOW,
  '201 postMeTotp': FLOW,
  '200 postMeTotpConfirm': FLOW,
  '204 postMeTotpRemove': FLOW,
  '200 postMePasskeysOptions': FLOW,
  '201 postMePasskeys': FLOW,
  '204 postMePasskeysPasskeyRemove': FLOW,
  '204 putMePassword': FLOW,
  '204 deleteMeSessionsSession': FLOW,
  '302 getLoginOidcProvider': NO_PROVIDER,
  '302 getLoginOidcProviderCallback': NO_PROVIDER,
  '401 getLoginOidcProviderCallback': NO_PROVIDER,
  '200 getLoginOidcProviderLogout': NO_PROVIDER,
  '304 getLoginOidcProviderLogout': NO_PROVIDER,
  '409 postProjectPipelinesPipelineEvents': JUST_THEN,
  '409 postHooksHook': JUST_THEN,
  '422 postHooksHook': 'It takes a scheme whose calls have ids that their sender chooses: test/hooks.spec.ts.',
  '409 deleteProjectDatasetsDatasetArchivesArchive': JUST_THEN,
  '422 postBackups': 'It takes engines that others keep: the suite of the split.',
  '304 getProjectDatasetsDatasetLast': AS_OF,
  '304 getProjectLedger': AS_OF,
  '304 getProjectPipelinesPipelineLedger': AS_OF,
  '304 getHealth': AS_OF,
  '422 getProjectPrometheusApiQuery': TOO_MUCH,
  '422 getProjectPrometheusApiQuery_range': TOO_MUCH,
  '422 getProjectPrometheusApiSeries': TOO_MUCH,
  '422 getProjectPrometheusApiLabels': TOO_MUCH,
  '422 getProjectPrometheusApiLabelLabelValues': TOO_MUCH,
};
