import { createHmac } from 'node:crypto';
import { WRITE_REQUEST } from '#libs/signals/remote-write.schema';
import { METRICS_PIPELINE } from '../scenarios/pushed-events';

/** How an operation is called so that it succeeds; what is left out is filled from the world below. */
export interface Example {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A pipeline that pulls, from where nothing answers: its runs stay open for as long as the retries last. */
export const PULLED_PIPELINE = `
apiVersion: chartly.io/v1
kind: Connection
metadata: { name: nowhere, project: default }
spec: { url: "https://nowhere.invalid" }
---
apiVersion: chartly.io/v1
kind: Pipeline
metadata: { name: pulled, project: default }
spec:
  source: { http: { url: "\${connection.nowhere}/items" } }
  steps:
    - map: { id: raw.id, time: timestamp_ms(raw.t) }
  store: { dataset: pulled, time: time, key: [id], columns: { id: string, time: timestamp } }
`;

/** A pipeline whose source's records change, which somebody is to approve. */
export const driftingPipeline = (url: string): string => `
apiVersion: chartly.io/v1
kind: Pipeline
metadata: { name: drifting, project: default }
spec:
  source: { http: { url: "${url}" }, drift: approve }
  steps:
    - map: { id: raw.id, time: timestamp_ms(raw.t) }
  store: { dataset: drifting, time: time, key: [id], columns: { id: string, time: timestamp } }
`;

/** A pipeline that a webhook sends to. */
export const HOOKED_PIPELINE = `
apiVersion: chartly.io/v1
kind: Pipeline
metadata: { name: hooked, project: default }
spec:
  hook: { scheme: github, secrets: ["\${secret.hook}"] }
  steps:
    - map: { id: raw.id, time: timestamp_ms(raw.t) }
  store: { dataset: hooked, time: time, key: [id], columns: { id: string, time: timestamp } }
`;

const SCHEMA = (name: string): string => `
apiVersion: chartly.io/v1
kind: Schema
metadata: { name: ${name}, project: default }
spec: { version: 1, jsonSchema: { type: object, properties: { id: { type: string } } } }
`;

const ROLE = '{"rules":[{"permissions":["pipelines:read"]}]}';
const BINDING = '{"role":"viewer","subjects":[{"kind":"account","name":"default/robot"}]}';

/** A saved query that the world has as `by_host`. */
export const SAVED_QUERY = JSON.stringify({
  parameters: { host: { type: 'string', default: 'a' }, least: { type: 'number', default: 0 } },
  query: {
    dataset: 'metrics',
    measures: { n: 'count()' },
    filters: [
      { column: 'host', op: 'eq', value: '$host' },
      { column: 'value', op: 'ge', value: '$least' },
    ],
  },
});

const NDJSON = 'application/x-ndjson';
const YAML = 'application/yaml';
const JSON_TYPE = 'application/json';
const BY_HEADER = { 'chartly-project': 'default', 'chartly-pipeline': 'metrics' };
/** The secret of the hook that {@link HOOKED_PIPELINE} has. */
export const HOOK_SECRET = 's';
const HOOK_BODY = '{"id":"hooked","t":1767225600000}';
const OTLP_METRICS = JSON.stringify({
  resourceMetrics: [
    { scopeMetrics: [{ metrics: [{ name: 'm', gauge: { dataPoints: [{ timeUnixNano: '1', asDouble: 1 }] } }] }] },
  ],
});
const OTLP_LOGS = JSON.stringify({
  resourceLogs: [{ scopeLogs: [{ logRecords: [{ timeUnixNano: '1', body: { stringValue: 'x' } }] }] }],
});

/** What the world of the test has, by the name that it goes by in paths. */
export interface World {
  readonly params: Readonly<Record<string, string>>;
  readonly logSize: number;
  /** A key of the service account `robot`. */
  readonly accountKey: string;
  readonly spareArchive: string;
  /** Of the drift of the pipeline `drifting`, which waits for approval. */
  readonly driftId: string;
  /** An API with one event, which connectors may reach. */
  readonly upstream: string;
}

/**
 * One call a changing operation that succeeds, by operation id; reads are called with the world's names and need one
 * only where they have required query parameters.
 */
export const EXAMPLES: Readonly<Record<string, (world: World) => Example>> = {
  postProjectPlan: () => ({ body: METRICS_PIPELINE, type: YAML }),
  postProjectPlanRows: () => ({ query: { records: '10' }, body: METRICS_PIPELINE, type: YAML }),
  postProjectApply: () => ({ body: METRICS_PIPELINE, type: YAML }),
  postProjectPipelinesPreview: ({ upstream }) => ({
    query: { pages: '1', record: 'true' },
    body: METRICS_PIPELINE.replace('spec:\n', `spec:\n  source: { http: { url: "${upstream}" } }\n`),
    type: YAML,
  }),
  postProjectPipelinesTest: () => ({
    body: JSON.stringify({
      documents: METRICS_PIPELINE,
      given: { format: 'ndjson', text: '{"id":"contract","t":1767225600000,"host":"a","v":1}' },
    }),
    type: JSON_TYPE,
  }),
  putProjectDocumentsKindName: () => ({
    params: { kind: 'schemas', name: 'put' },
    body: SCHEMA('put'),
    type: YAML,
    headers: { 'if-none-match': '*' },
  }),
  deleteProjectDocumentsKindName: () => ({ params: { kind: 'schemas', name: 'put' } }),
  postProjectPipelinesPipelineEvents: () => ({
    body: '{"id":"contract","t":1767225600000,"host":"a","v":1}\n',
    type: 'application/x-ndjson',
  }),
  postProjectPipelinesPipelineOtlpMetrics: () => ({ body: OTLP_METRICS, type: JSON_TYPE }),
  postProjectPipelinesPipelineOtlpLogs: () => ({ body: OTLP_LOGS, type: JSON_TYPE }),
  postOtlpMetrics: () => ({ body: OTLP_METRICS, type: JSON_TYPE, headers: BY_HEADER }),
  postOtlpLogs: () => ({ body: OTLP_LOGS, type: JSON_TYPE, headers: BY_HEADER }),
  postProjectPipelinesPipelineRemoteWrite: () => ({
    body: WRITE_REQUEST.encode({
      timeseries: [
        { labels: [{ name: '__name__', value: 'up' }], samples: [{ value: 1, timestamp: 1_767_225_600_000 }] },
      ],
    }).finish(),
    type: 'application/x-protobuf',
  }),
  postHooksHook: () => ({
    params: { hook: 'default.hooked' },
    body: HOOK_BODY,
    type: JSON_TYPE,
    headers: { 'x-hub-signature-256': `sha256=${createHmac('sha256', HOOK_SECRET).update(HOOK_BODY).digest('hex')}` },
  }),
  postProjectPipelinesPipelineRuns: () => ({ params: { pipeline: 'pulled' } }),
  postProjectRunsRunCancel: () => ({}),
  postProjectRunsRunPause: () => ({}),
  postProjectRunsRunResume: () => ({}),
  postProjectPipelinesPipelineReplays: () => ({
    params: { pipeline: 'metrics' },
    body: '{"from":"2026-01-01T00:00:00Z","to":"2026-01-01T01:00:00Z"}',
    type: JSON_TYPE,
  }),
  postProjectPipelinesPipelineDriftApprove: ({ driftId }) => ({
    params: { pipeline: 'drifting' },
    body: JSON.stringify({ id: driftId }),
    type: JSON_TYPE,
  }),
  postProjectQuarantineRetry: () => ({ body: '{"pipeline":"metrics","text":"bad"}', type: JSON_TYPE }),
  postProjectQuarantineDiscard: () => ({ body: '{"pipeline":"metrics","text":"bad","why":"a test"}', type: JSON_TYPE }),
  postProjectQuery: () => ({ body: '{"dataset":"metrics","measures":{"n":"count()"}}', type: JSON_TYPE }),
  postProjectQueryExport: () => ({
    query: { format: 'parquet' },
    body: '{"dataset":"metrics","measures":{"n":"count()"}}',
    type: JSON_TYPE,
  }),
  getProjectQueriesQuery: () => ({ params: { query: 'by_host' }, query: { host: 'host-1' } }),
  getProjectQueriesQueryDefinition: () => ({ params: { query: 'by_host' } }),
  putProjectQueriesQuery: () => ({ params: { query: 'put' }, body: SAVED_QUERY, type: JSON_TYPE }),
  deleteProjectQueriesQuery: () => ({ params: { query: 'by_host' } }),
  getProjectPrometheusApiQuery: () => ({ query: { query: '1 + 1', time: '60' } }),
  getProjectPrometheusApiQuery_range: () => ({ query: { query: 'up', start: '0', end: '60', step: '15' } }),
  getProjectPrometheusApiLabelLabelValues: () => ({ params: { label: 'job' } }),
  postProjectSql: () => ({ body: '{"sql":"SELECT host, count(*) AS n FROM metrics GROUP BY host"}', type: JSON_TYPE }),
  postProjectSqlExport: () => ({
    query: { format: 'csv' },
    body: '{"sql":"SELECT host FROM metrics"}',
    type: JSON_TYPE,
  }),
  getProjectRollupsRollupVerify: () => ({ params: { rollup: 'metrics_hourly' } }),
  postProjectDatasetsDatasetFind: () => ({
    params: { dataset: 'metrics' },
    body: '{"key":{"id":"contract"},"limit":10}',
    type: JSON_TYPE,
  }),
  postProjectDatasetsDatasetImport: () => ({
    params: { dataset: 'metrics' },
    body: '{"id":"imported","time":"2026-01-01T00:00:00Z","host":"a","value":1}\n',
    type: NDJSON,
  }),
  postProjectDatasetsDatasetArchives: () => ({ params: { dataset: 'metrics' }, body: '{}', type: JSON_TYPE }),
  deleteProjectDatasetsDatasetArchivesArchive: ({ spareArchive }) => ({
    params: { dataset: 'metrics', archive: spareArchive },
  }),
  postProjectDatasetsDatasetArchivesArchiveRestore: () => ({
    params: { dataset: 'metrics' },
    body: '{}',
    type: JSON_TYPE,
  }),
  postProjectDatasetsDatasetErasures: () => ({
    params: { dataset: 'metrics' },
    body: '{"eraseId":"0190f5c4-0000-7000-8000-000000000001","filters":[{"column":"id","op":"eq","value":"nobody"}]}',
    type: JSON_TYPE,
  }),
  postBackups: () => ({}),
  postKeys: () => ({ body: '{"name":"contract","role":"viewer","project":"default"}', type: JSON_TYPE }),
  deleteKeysKey: () => ({}),
  putProjectSecretsSecret: () => ({
    params: { secret: 'token' },
    body: '{"provider":"own","value":"s"}',
    type: JSON_TYPE,
  }),
  deleteProjectSecretsSecret: () => ({ params: { secret: 'token' } }),
  postSecretsRotate: () => ({}),
  postKeysKeyRotate: () => ({ body: '{}', type: JSON_TYPE }),
  putRolesRole: () => ({ params: { role: 'made' }, body: ROLE, type: JSON_TYPE }),
  putProjectRolesRole: () => ({ params: { role: 'made' }, body: ROLE, type: JSON_TYPE }),
  deleteRolesRole: () => ({ params: { role: 'made' } }),
  deleteProjectRolesRole: () => ({ params: { role: 'made' } }),
  putBindingsBinding: () => ({ params: { binding: 'made' }, body: BINDING, type: JSON_TYPE }),
  putProjectBindingsBinding: () => ({ params: { binding: 'made' }, body: BINDING, type: JSON_TYPE }),
  deleteBindingsBinding: () => ({ params: { binding: 'made' } }),
  deleteProjectBindingsBinding: () => ({ params: { binding: 'made' } }),
  putProjectServiceAccountsAccount: () => ({ params: { account: 'made' }, body: '{}', type: JSON_TYPE }),
  deleteProjectServiceAccountsAccount: () => ({ params: { account: 'made' } }),
  postProjectServiceAccountsAccountKeys: () => ({ body: '{"name":"contract"}', type: JSON_TYPE }),
  postProjectServiceAccountsAccountKeysKeyRotate: ({ accountKey }) => ({
    params: { key: accountKey },
    body: '{}',
    type: JSON_TYPE,
  }),
  deleteProjectServiceAccountsAccountKeysKey: ({ accountKey }) => ({ params: { key: accountKey } }),
  postUsers: () => ({ body: '{"name":"made","password":"a long enough password"}', type: JSON_TYPE }),
  patchUsersUser: () => ({ body: '{"displayName":"Spare"}', type: JSON_TYPE }),
  deleteUsersUser: () => ({ params: { user: 'made' } }),
  putGroupsGroup: () => ({ params: { group: 'made' }, body: '{"members":["spare"]}', type: JSON_TYPE }),
  deleteGroupsGroup: () => ({ params: { group: 'made' } }),
  putIdentityProvidersProvider: () => ({
    params: { provider: 'made' },
    body: '{"issuer":"https://login.example.com","clientId":"chartly"}',
    type: JSON_TYPE,
  }),
  deleteIdentityProvidersProvider: () => ({ params: { provider: 'made' } }),
  getAccessCanI: () => ({ query: { permission: 'pipelines:read', project: 'default' } }),
  getAccessWhoCan: () => ({ query: { permission: 'pipelines:read', project: 'default' } }),
  postAccessSimulate: () => ({ body: '{"days":1}', type: JSON_TYPE }),
  getProjectDatasetsDatasetLineage: () => ({ params: { dataset: 'metrics' }, query: { key: '{"id":"e-1"}' } }),
  getRoutesExplain: () => ({ query: { method: 'GET', path: '/v1/projects/default/runs' } }),
  postAuditKeys: () => ({}),
  deleteAuditSubjectsSubject: () => ({ params: { subject: 'local:local' } }),
  getAuditEntriesIndexProof: ({ logSize }) => ({ params: { index: '0' }, query: { size: String(logSize) } }),
  getAuditTilesLevelIndex: () => ({ params: { level: '0', index: '0' }, query: { width: '1' } }),
  getAuditConsistency: ({ logSize }) => ({ query: { from: '1', to: String(logSize) } }),
};

/** Operations that succeed once in a lifetime and are tested where that once is. */
export const ONCE = new Set([
  'postSetup',
  'postLogin',
  'postLoginPasskeyOptions',
  'postLoginPasskey',
  'postSessionRefresh',
  'postLogout',
  'getLoginOidcProvider',
  'getLoginOidcProviderCallback',
  'getLoginOidcProviderLogout',
]);

/** Operations of a person on what is their own; a key gets 403. */
export const isOnesOwn = (id: string): boolean => /^(?:get|post|put|delete)Me[A-Z]/.test(id);

/** A body that parses and is not valid, where another field than a declared one would not do. */
export const INVALID: Readonly<Record<string, Example>> = {
  postProjectPlan: { body: 'kind: Nope\n', type: YAML },
  postProjectPlanRows: { body: 'kind: Nope\n', type: YAML },
  postProjectApply: { body: 'kind: Nope\n', type: YAML },
  postProjectPipelinesPreview: { body: 'kind: Nope\n', type: YAML },
  putProjectDocumentsKindName: { body: 'kind: Nope\n', type: YAML },
  postProjectDatasetsDatasetImport: { body: '{"nope":1}\n', type: NDJSON },
};

/** Operations whose project stands in a header. */
export const PROJECT_IN_HEADER = new Set(['postOtlpMetrics', 'postOtlpLogs']);

/**
 * What takes data in, for whoever has `events:write`. The content is the user's own, so that no body of the right type
 * is invalid before it is normalized.
 */
export const INGEST = new Set([
  'postProjectPipelinesPipelineEvents',
  'postProjectPipelinesPipelineOtlpMetrics',
  'postProjectPipelinesPipelineOtlpLogs',
  'postOtlpMetrics',
  'postOtlpLogs',
  'postProjectPipelinesPipelineRemoteWrite',
  'postHooksHook',
]);

/** Posts that change nothing; that take data in, which the ledger accounts for; or whose example is done already. */
export const LEAVES_NO_ENTRY = new Set([
  'postProjectPlan',
  'postProjectPlanRows',
  'postProjectPipelinesPreview',
  'postProjectPipelinesTest',
  'postProjectQuery',
  'postProjectSql',
  'postProjectDatasetsDatasetFind',
  'postAccessSimulate',
  'postProjectPipelinesPipelineEvents',
  'postProjectPipelinesPipelineOtlpMetrics',
  'postProjectPipelinesPipelineOtlpLogs',
  'postOtlpMetrics',
  'postOtlpLogs',
  'postProjectPipelinesPipelineRemoteWrite',
  'postProjectApply',
  'postProjectRunsRunCancel',
]);

/** Reads that leave an entry all the same: what they give leaves the house. */
export const RECORDED_READS = new Set(['getProjectDatasetsDatasetExport']);

/** Operations for which there is no unknown name: one makes what it names, the other shows what outlives its pipeline. */
export const TAKES_ANY_NAME = new Set([
  'putProjectQueriesQuery',
  'getProjectPrometheusApiLabelLabelValues',
  'putProjectDocumentsKindName',
  'putProjectSecretsSecret',
  'putGroupsGroup',
  'putIdentityProvidersProvider',
  'putRolesRole',
  'putProjectRolesRole',
  'putBindingsBinding',
  'putProjectBindingsBinding',
  'putProjectServiceAccountsAccount',
  'getProjectPipelinesPipelineQuarantine',
]);
