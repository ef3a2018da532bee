import { PULLED_PIPELINE } from './examples';
import { Operation } from './openapi';

const READS = 'It asks and changes nothing.';
const INGESTS = 'What it takes in has an identity of its own: that of the batch, or of each event.';
const LETS_IN = 'Nobody is known yet to whom a key could be bound, and what it gives lets its bearer in.';
const CEREMONY = 'Each answer is another challenge, which counts for one use and a few minutes.';

/** The POSTs and PATCHes that keep no answer under an `Idempotency-Key`, each with the reason. */
export const KEEPS_NO_ANSWER: Readonly<Record<string, string>> = {
  postProjectPlan: READS,
  postProjectPlanRows: READS,
  postProjectPipelinesPreview: READS,
  postProjectPipelinesTest: READS,
  postProjectQuery: READS,
  postProjectQueryExport: READS,
  postProjectSql: READS,
  postProjectSqlExport: READS,
  postProjectDatasetsDatasetFind: READS,
  postAccessSimulate: READS,
  postProjectPipelinesPipelineEvents: INGESTS,
  postProjectPipelinesPipelineOtlpMetrics: INGESTS,
  postProjectPipelinesPipelineOtlpLogs: INGESTS,
  postOtlpMetrics: INGESTS,
  postOtlpLogs: INGESTS,
  postProjectPipelinesPipelineRemoteWrite: INGESTS,
  postHooksHook: INGESTS,
  postSetup: LETS_IN,
  postLogin: LETS_IN,
  postLoginPasskeyOptions: LETS_IN,
  postLoginPasskey: LETS_IN,
  postSessionRefresh: LETS_IN,
  postLogout: 'Ending a session that has ended changes nothing.',
  postMePasskeysOptions: CEREMONY,
};

export const isPostOrPatch = ({ verb }: Operation): boolean => verb === 'POST' || verb === 'PATCH';

export const takesKey = ({ parameters }: Operation): boolean =>
  parameters.some(({ name }) => name === 'idempotency-key');

/** Whether the service keeps its answer under the caller's key. */
export const keepsAnswer = (one: Operation): boolean =>
  isPostOrPatch(one) && takesKey(one) && !(one.id in KEEPS_NO_ANSWER);

/** A valid body of each operation that keeps its answer, and is not that of its example. */
export const OTHER_BODIES: Readonly<Record<string, string>> = {
  postProjectApply: PULLED_PIPELINE,
  postProjectPipelinesPipelineReplays: '{"from":"2026-01-02T00:00:00Z","to":"2026-01-02T01:00:00Z"}',
  postProjectPipelinesPipelineDriftApprove: '{"id":"01890000-0000-7000-8000-000000000000"}',
  postProjectQuarantineRetry: '{"pipeline":"metrics","text":"worse"}',
  postProjectQuarantineDiscard: '{"pipeline":"metrics","text":"worse","why":"a test"}',
  postProjectDatasetsDatasetImport: '{"id":"other","time":"2026-01-01T00:00:00Z","host":"a","value":1}\n',
  postProjectDatasetsDatasetArchives: '{"from":"2026-01-01T00:00:00Z"}',
  postProjectDatasetsDatasetArchivesArchiveRestore: '{"into":"metrics"}',
  postProjectDatasetsDatasetErasures:
    '{"eraseId":"0190f5c4-0000-7000-8000-000000000002","filters":[{"column":"id","op":"eq","value":"nobody"}]}',
  postKeys: '{"name":"other","role":"viewer","project":"default"}',
  postKeysKeyRotate: '{"overlapHours":1}',
  postProjectServiceAccountsAccountKeys: '{"name":"other"}',
  postProjectServiceAccountsAccountKeysKeyRotate: '{"overlapHours":1}',
  postUsers: '{"name":"other"}',
  patchUsersUser: '{"displayName":"Other"}',
  postMeTotp: '{"password":"another"}',
  postMeTotpConfirm: '{"code":"654321"}',
  postMeTotpRemove: '{"code":"654321"}',
  postMePasskeys: '{"challengeId":"01890000-0000-7000-8000-000000000001","response":{},"name":"other"}',
  postMePasskeysPasskeyRemove: '{"password":"another"}',
};

/** Operations whose body names what it does, so that it is done once whoever asks. */
export const SAME_FOR_ALL = new Set(['postProjectDatasetsDatasetImport', 'postProjectDatasetsDatasetErasures']);
