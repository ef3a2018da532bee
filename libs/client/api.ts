/**
 * The public API as types. Made by `npm run client:generate`; nobody writes here.
 *
 * Description: sha256 2d1e1e498c177f34ec6fa87ee84d4f26aa510bbd49f876e60e61ead65dcf4fa6
 */
export interface paths {
  '/v1/projects/{project}/plan': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Shows what applying these documents would change; changes nothing. */
    post: operations['postProjectPlan'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/plan/rows': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Runs the changed pipelines over their newest raw records, beside what is active; changes nothing. */
    post: operations['postProjectPlanRows'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/apply': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Applies documents: each changed one becomes a new immutable version. */
    post: operations['postProjectApply'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/documents': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Lists documents. */
    get: operations['getProjectDocuments'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/documents/{kind}/{name}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** One document, as it is active or in an earlier version. The ETag is its digest. */
    get: operations['getProjectDocumentsKindName'];
    /** Applies one document. With If-Match only over the version that has this ETag; with "If-None-Match: *" only a new one. */
    put: operations['putProjectDocumentsKindName'];
    post?: never;
    /** Deletes a document. A pipeline takes no more data; its stored rows stay. */
    delete: operations['deleteProjectDocumentsKindName'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/pipelines/{pipeline}/events': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Takes events: NDJSON, a JSON array or one JSON object, CSV with a header row, XML, or CloudEvents 1.0 (structured, batched, or binary with `ce-` headers). 202 means that they are committed. */
    post: operations['postProjectPipelinesPipelineEvents'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/hooks/{hook}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Takes what a webhook sends, signed as the hook section of its pipeline says. 202 means that it is committed. */
    post: operations['postHooksHook'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/pipelines/preview': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Fetches the first page of a pipeline's source and shows what would become of it; keeps nothing. */
    post: operations['postProjectPipelinesPreview'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/pipelines/test': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Runs given records through a pipeline and shows what would become of them; asks no source, keeps nothing. */
    post: operations['postProjectPipelinesTest'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/pipelines/{pipeline}/otlp/v1/metrics': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Takes OTLP metrics (protobuf or JSON): each data point becomes a record. */
    post: operations['postProjectPipelinesPipelineOtlpMetrics'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/pipelines/{pipeline}/otlp/v1/logs': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Takes OTLP logs (protobuf or JSON): each log record becomes a record. */
    post: operations['postProjectPipelinesPipelineOtlpLogs'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/otlp/v1/metrics': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Takes OTLP metrics for the pipeline that the headers `chartly-project` and `chartly-pipeline` name. */
    post: operations['postOtlpMetrics'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/otlp/v1/logs': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Takes OTLP logs for the pipeline that the headers `chartly-project` and `chartly-pipeline` name. */
    post: operations['postOtlpLogs'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/pipelines/{pipeline}/remote-write': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Takes Prometheus remote write 1.0: each sample becomes a record. 204 means that they are committed. */
    post: operations['postProjectPipelinesPipelineRemoteWrite'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/pipelines/{pipeline}/runs': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Starts a run now. */
    post: operations['postProjectPipelinesPipelineRuns'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/runs': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Lists runs, the newest first. */
    get: operations['getProjectRuns'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/runs/{run}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** One run with its steps. */
    get: operations['getProjectRunsRun'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/runs/{run}/cancel': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Asks a run to stop. */
    post: operations['postProjectRunsRunCancel'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/datasets/{dataset}/lineage': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Where the rows of a key came from: batch, raw record, pipeline version and steps. */
    get: operations['getProjectDatasetsDatasetLineage'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/datasets/{dataset}/rows/{row}/lineage': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Where one row came from: batch, raw record, pipeline version and steps. Rows by key give the id. */
    get: operations['getProjectDatasetsDatasetRowsRowLineage'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/pipelines/{pipeline}/replays': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Replays raw batches of a time with a version, in place or into a new dataset. */
    post: operations['postProjectPipelinesPipelineReplays'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/runs/{run}/pause': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Pauses a replay. */
    post: operations['postProjectRunsRunPause'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/runs/{run}/resume': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Lets a paused replay go on. */
    post: operations['postProjectRunsRunResume'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/routes/explain': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** What a request would meet: route, permission, limits, deadline and verdict. Makes no such request. */
    get: operations['getRoutesExplain'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/query': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Answers a question over a dataset or a rollup. */
    post: operations['postProjectQuery'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/sql': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Runs one SELECT over the datasets and rollups of the project, by their names. */
    post: operations['postProjectSql'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/prometheus/api/v1/query': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** A PromQL expression at one time. */
    get: operations['getProjectPrometheusApiQuery'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/prometheus/api/v1/query_range': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** A PromQL expression over a range of times. */
    get: operations['getProjectPrometheusApiQuery_range'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/prometheus/api/v1/series': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The series that selectors mean. */
    get: operations['getProjectPrometheusApiSeries'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/prometheus/api/v1/labels': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The names of labels. */
    get: operations['getProjectPrometheusApiLabels'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/prometheus/api/v1/label/{label}/values': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The values of a label. */
    get: operations['getProjectPrometheusApiLabelLabelValues'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/rollups': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Lists rollups, how current they are and how far a backfill is. */
    get: operations['getProjectRollups'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/rollups/{rollup}/verify': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Recomputes what a rollup keeps from raw rows, and tells every group that is not the same. */
    get: operations['getProjectRollupsRollupVerify'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/pipelines/{pipeline}/drift': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** How the records of a pipeline's source have changed and nobody has approved yet. */
    get: operations['getProjectPipelinesPipelineDrift'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/pipelines/{pipeline}/drift/approve': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Takes the source's records as they are now, as long as they are what was looked at. */
    post: operations['postProjectPipelinesPipelineDriftApprove'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/quarantine': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Records that could not become rows, as they came and why; the newest first. */
    get: operations['getProjectQuarantine'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/pipelines/{pipeline}/quarantine': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Records of one pipeline that could not become rows; the newest first. */
    get: operations['getProjectPipelinesPipelineQuarantine'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/quarantine/records/{record}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** One quarantined record, whole. */
    get: operations['getProjectQuarantineRecordsRecord'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/quarantine/retry': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Takes records through their steps again, with the current or a named version. */
    post: operations['postProjectQuarantineRetry'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/quarantine/discard': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Takes records out of the quarantine for good, with a reason. */
    post: operations['postProjectQuarantineDiscard'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/quarantine/tasks/{task}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** How far a retry or discard has come. */
    get: operations['getProjectQuarantineTasksTask'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/queries': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Lists saved queries, each as it is now. */
    get: operations['getProjectQueries'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/queries/{query}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Answers a saved query; its parameters stand in the URL. 304 while neither it nor the data has changed. */
    get: operations['getProjectQueriesQuery'];
    /** Saves a question or a statement under a name; a change is a new version of it. */
    put: operations['putProjectQueriesQuery'];
    post?: never;
    /** Removes a saved query. */
    delete: operations['deleteProjectQueriesQuery'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/queries/{query}/definition': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** What a saved query asks, now or in an earlier version. */
    get: operations['getProjectQueriesQueryDefinition'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/backups': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Lists backups: those that are whole, and those under way. */
    get: operations['getBackups'];
    put?: never;
    /** Begins a backup of Postgres, events, objects and keys while all goes on; the list says when it is whole. */
    post: operations['postBackups'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/datasets/{dataset}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The columns of a dataset, and what tells its rows apart. */
    get: operations['getProjectDatasetsDataset'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/datasets/{dataset}/rows': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Rows in the order of time and key, page by page. */
    get: operations['getProjectDatasetsDatasetRows'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/datasets/{dataset}/last': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The newest value of each column, for each series; columns of json are left out. */
    get: operations['getProjectDatasetsDatasetLast'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/datasets/{dataset}/find': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Rows of one key, the newest first, each with the append that stored it. */
    post: operations['postProjectDatasetsDatasetFind'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/datasets/{dataset}/import': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Stores the rows of a file as they are, all or none; the same file or id again stores nothing more. */
    post: operations['postProjectDatasetsDatasetImport'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/datasets/{dataset}/erasures': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Deletes the rows of a subject for good, from rollups too; the same eraseId again deletes nothing more. */
    post: operations['postProjectDatasetsDatasetErasures'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/datasets/{dataset}/export': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** All rows of a dataset, or of a range of it, of one moment. Leaves one audit entry. */
    get: operations['getProjectDatasetsDatasetExport'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/query/export': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** All rows that a question comes to, of one moment. Leaves one audit entry. */
    post: operations['postProjectQueryExport'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/sql/export': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** All rows of one SELECT, of one moment. Leaves one audit entry. */
    post: operations['postProjectSqlExport'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/datasets/{dataset}/archives': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Archives and restores of a dataset, the newest first. */
    get: operations['getProjectDatasetsDatasetArchives'];
    put?: never;
    /** Begins to copy the rows of a dataset, or of a range of it, to the object store. */
    post: operations['postProjectDatasetsDatasetArchives'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/datasets/{dataset}/archives/{archive}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /** Begins to delete an archive, with all of its objects. No row of a dataset goes with it. */
    delete: operations['deleteProjectDatasetsDatasetArchivesArchive'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/datasets/{dataset}/archives/{archive}/restore': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Begins to store the rows of an archive; those that are there already are not stored again. */
    post: operations['postProjectDatasetsDatasetArchivesArchiveRestore'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/ledger': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The books of every pipeline of a project, counted now. */
    get: operations['getProjectLedger'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/pipelines/{pipeline}/ledger': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The books of one pipeline, counted now. */
    get: operations['getProjectPipelinesPipelineLedger'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/health': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Whether each service is ready, and what it waits for. */
    get: operations['getHealth'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/audit/checkpoint': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The log's head: size, root and signed note. */
    get: operations['getAuditCheckpoint'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/audit/entries': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Entries in the order of the log, each as its exact leaf text, with what it withholds of persons. */
    get: operations['getAuditEntries'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/audit/entries/{index}/proof': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Proof that an entry is in the log of a given size (RFC 6962). */
    get: operations['getAuditEntriesIndexProof'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/audit/hashes': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The hashes of entries, in the order of the log: all that is left of those that were sealed. */
    get: operations['getAuditHashes'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/audit/tiles/{level}/{index}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** A tile of the tree (C2SP tlog-tiles): hashes that lie side by side, each over 256^level leaves. */
    get: operations['getAuditTilesLevelIndex'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/audit/consistency': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Proof that one size of the log is the beginning of another (RFC 6962). */
    get: operations['getAuditConsistency'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/audit/keys': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Hands the log over to another signing key; an entry says so under a head of the key before. */
    post: operations['postAuditKeys'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/audit/subjects/{subject}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /** Makes a person's data in the log unreadable for good. Every proof still holds. */
    delete: operations['deleteAuditSubjectsSubject'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/audit/stream': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Entries as they are appended, as server-sent events: `entry`, whose id is its index. `Last-Event-ID` goes on behind one, and none is lost or comes twice. Ends with `problem` when it cannot go on. */
    get: operations['getAuditStream'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/setup': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Exchanges the one-time setup token for the first admin key. */
    post: operations['postSetup'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/whoami': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Who the credential stands for, and what it holds. */
    get: operations['getWhoami'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/keys': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Lists API keys, without their secrets. */
    get: operations['getKeys'];
    put?: never;
    /** Makes an API key. Its text is shown here once and never again. */
    post: operations['postKeys'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/keys/{key}/rotate': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Makes a new key in the place of another, which goes on for the overlap. */
    post: operations['postKeysKeyRotate'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/keys/{key}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /** Revokes an API key; it stops working within 5 s. */
    delete: operations['deleteKeysKey'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/login': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Logs a person in by password, and by a code for who has a second factor (`login.second_factor` asks for it). */
    post: operations['postLogin'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/login/passkey/options': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Begins a login by passkey. */
    post: operations['postLoginPasskeyOptions'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/login/passkey': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Logs a person in by passkey. */
    post: operations['postLoginPasskey'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/session/refresh': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** A new access token for a refresh token, which is used up and followed by another. */
    post: operations['postSessionRefresh'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/logout': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Ends the session of a refresh token. */
    post: operations['postLogout'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/login/oidc/{provider}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Sends the browser to an identity provider to log in. */
    get: operations['getLoginOidcProvider'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/login/oidc/{provider}/callback': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Where an identity provider sends the browser back to; the session is put into cookies. */
    get: operations['getLoginOidcProviderCallback'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/login/oidc/{provider}/logout': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Where to send the browser to log out at an identity provider too; nothing where it has no such place. */
    get: operations['getLoginOidcProviderLogout'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/.well-known/jwks.json': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The keys that access tokens are signed by (RFC 7517). */
    get: operations['get-.wellKnownJwks.json'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/me/sessions': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Your sessions, the latest used first. */
    get: operations['getMeSessions'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/me/sessions/{session}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /** Ends one of your sessions, within 5 s everywhere. */
    delete: operations['deleteMeSessionsSession'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/me/password': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /** Changes your password; ends all of your sessions. */
    put: operations['putMePassword'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/me/totp': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** A secret for an authenticator app (RFC 6238), in force once a code of it was seen. Takes a login within ten minutes, or your password. */
    post: operations['postMeTotp'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/me/totp/confirm': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Puts the second factor in force; gives recovery codes, this once. */
    post: operations['postMeTotpConfirm'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/me/totp/remove': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Takes the second factor off, with a code of it or a recovery code. */
    post: operations['postMeTotpRemove'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/me/passkeys': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Your passkeys. */
    get: operations['getMePasskeys'];
    put?: never;
    /** Adds a passkey. */
    post: operations['postMePasskeys'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/me/passkeys/options': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Begins the adding of a passkey. Takes a login within ten minutes, or your password. */
    post: operations['postMePasskeysOptions'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/me/passkeys/{passkey}/remove': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Removes a passkey. Takes a login within ten minutes, or your password. */
    post: operations['postMePasskeysPasskeyRemove'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/users': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Lists users. */
    get: operations['getUsers'];
    put?: never;
    /** Makes a user, who may nothing until a role is bound to them. */
    post: operations['postUsers'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/users/{user}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /** Deletes a user; their sessions end within 5 s. */
    delete: operations['deleteUsersUser'];
    options?: never;
    head?: never;
    /** Changes a user: disables, renames, sets a password. */
    patch: operations['patchUsersUser'];
    trace?: never;
  };
  '/v1/groups': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Lists groups with who is in them. */
    get: operations['getGroups'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/groups/{group}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /** Makes a group, or says anew who is in it. */
    put: operations['putGroupsGroup'];
    post?: never;
    /** Deletes a group; what was bound to it is gone within 5 s. */
    delete: operations['deleteGroupsGroup'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/identity-providers': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Lists the OpenID providers that people may log in by. */
    get: operations['getIdentityProviders'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/identity-providers/{provider}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /** Sets an OpenID provider up. Its client secret is kept sealed and never given. */
    put: operations['putIdentityProvidersProvider'];
    post?: never;
    /** Deletes an OpenID provider; those who came by it cannot log in by it any more. */
    delete: operations['deleteIdentityProvidersProvider'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/service-accounts': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Lists a project's service accounts. */
    get: operations['getProjectServiceAccounts'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/service-accounts/{account}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /** Makes a service account, which holds nothing until a role is bound to it. */
    put: operations['putProjectServiceAccountsAccount'];
    post?: never;
    /** Deletes a service account; its keys stop within 5 s. */
    delete: operations['deleteProjectServiceAccountsAccount'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/service-accounts/{account}/keys': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Lists the keys of a service account, without their secrets. */
    get: operations['getProjectServiceAccountsAccountKeys'];
    put?: never;
    /** Makes a key for a service account. Its text is shown here once and never again. */
    post: operations['postProjectServiceAccountsAccountKeys'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/service-accounts/{account}/keys/{key}/rotate': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Makes a new key in the place of another, which goes on for the overlap. */
    post: operations['postProjectServiceAccountsAccountKeysKeyRotate'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/service-accounts/{account}/keys/{key}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /** Revokes a key of a service account; it stops working within 5 s. */
    delete: operations['deleteProjectServiceAccountsAccountKeysKey'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/roles': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Lists the roles of the system as a whole, built-in ones first. */
    get: operations['getRoles'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/roles/{role}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /** Makes or changes a role; in force within 5 s. Nobody gives a role what they do not hold themselves. */
    put: operations['putRolesRole'];
    post?: never;
    /** Deletes a role that nothing binds. */
    delete: operations['deleteRolesRole'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/bindings': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Lists the role bindings of the system as a whole. */
    get: operations['getBindings'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/bindings/{binding}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /** Binds a role to users, groups and service accounts; in force within 5 s. */
    put: operations['putBindingsBinding'];
    post?: never;
    /** Deletes a role binding; what it gave is gone within 5 s. */
    delete: operations['deleteBindingsBinding'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/roles': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Lists a project's roles, built-in ones first. */
    get: operations['getProjectRoles'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/roles/{role}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /** Makes or changes a role; in force within 5 s. Nobody gives a role what they do not hold themselves. */
    put: operations['putProjectRolesRole'];
    post?: never;
    /** Deletes a role that nothing binds. */
    delete: operations['deleteProjectRolesRole'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/bindings': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Lists a project's role bindings. */
    get: operations['getProjectBindings'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/bindings/{binding}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /** Binds a role to users, groups and service accounts; in force within 5 s. */
    put: operations['putProjectBindingsBinding'];
    post?: never;
    /** Deletes a role binding; what it gave is gone within 5 s. */
    delete: operations['deleteProjectBindingsBinding'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/access/can-i': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Whether somebody may do something, and why: each grant and what came of it. */
    get: operations['getAccessCanI'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/access/who-can': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Everybody who may do something, and by what. */
    get: operations['getAccessWhoCan'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/access/simulate': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** What a change of roles or bindings would have denied of what was done; changes nothing. Takes audit:read too. */
    post: operations['postAccessSimulate'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/secrets': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Lists secrets: all but their values, which no route gives. */
    get: operations['getProjectSecrets'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/projects/{project}/secrets/{secret}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /** Sets a secret, or gives it another value; in use within a minute. */
    put: operations['putProjectSecretsSecret'];
    post?: never;
    /** Deletes a secret; out of use within a minute. */
    delete: operations['deleteProjectSecretsSecret'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/secrets/rotate': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Wraps the data key of every secret by the current master key; secrets stay readable meanwhile. */
    post: operations['postSecretsRotate'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    /** @description RFC 9457 problem details. */
    Problem: {
      /** @description Stable per `code`. */
      type: string;
      title: string;
      status: number;
      /** @description What went wrong, stable and dotted. */
      code: string;
      /** @description What went wrong, where, and what to do. */
      detail: string;
      requestId?: string;
      /** @description The permission that the caller lacks. */
      permission?: string;
      errors?: {
        path: string;
        message: string;
      }[];
    };
    Decision: {
      as: string;
      allowed: boolean;
      /** @enum {string} */
      verdict: 'allowed' | 'denied' | 'stranger';
      grants: components['schemas']['GrantReason'][];
    };
    GrantReason: {
      role: string;
      project: string;
      by?: string;
      allows: boolean;
      because: string;
    };
    AbleList: {
      able: components['schemas']['Able'][];
    };
    Able: {
      who: string;
      name: string;
      by: string[];
    };
    Simulated: {
      uses: number;
      denied: components['schemas']['WouldDeny'][];
    };
    WouldDeny: {
      who: string;
      name: string;
      /** @enum {string} */
      permission:
        | 'pipelines:read'
        | 'pipelines:write'
        | 'runs:read'
        | 'runs:write'
        | 'events:write'
        | 'data:read'
        | 'queries:read'
        | 'queries:write'
        | 'data:write'
        | 'data:erase'
        | 'quarantine:read'
        | 'quarantine:write'
        | 'ledger:read'
        | 'audit:read'
        | 'audit:erase'
        | 'audit:rotate'
        | 'keys:read'
        | 'keys:write'
        | 'secrets:read'
        | 'secrets:write'
        | 'roles:read'
        | 'roles:write'
        | 'users:read'
        | 'users:write'
        | 'system:read'
        | 'system:backup';
      project?: string;
      times: number;
      first: string;
      last: string;
    };
    SimulateBody: {
      days?: number;
      role?: components['schemas']['PutRole'];
      binding?: components['schemas']['PutBinding'];
      withoutRole?: components['schemas']['RoleRef'];
      withoutBinding?: components['schemas']['RoleRef'];
    };
    PutRole: {
      description?: string;
      rules: components['schemas']['RoleRule'][];
      scope: string;
      name: string;
    };
    RoleRule: {
      permissions: string[];
      names?: string[];
      labels?: {
        [key: string]: string;
      };
    };
    PutBinding: {
      role: string;
      subjects: components['schemas']['Subject'][];
      scope: string;
      name: string;
    };
    Subject: {
      /** @enum {string} */
      kind: 'user' | 'group' | 'account';
      name: string;
    };
    RoleRef: {
      name: string;
      scope: string;
    };
    AccountList: {
      accounts: components['schemas']['AccountView'][];
    };
    AccountView: {
      createdAt: string;
      project: string;
      name: string;
      description?: string;
    };
    AccountBody: {
      description?: string;
    };
    ApiKeys: {
      keys: components['schemas']['ApiKeyView'][];
    };
    ApiKeyView: {
      /** Format: uuid */
      id: string;
      name: string;
      /** @enum {string} */
      role?: 'viewer' | 'ingest' | 'operator' | 'editor' | 'admin' | 'owner';
      project?: string;
      account?: string;
      scope?: components['schemas']['KeyScope'];
      createdAt: string;
      expiresAt: string;
      revokedAt?: string;
      lastUsedAt?: string;
    };
    KeyScope: {
      permissions?: string[];
      projects?: string[];
    };
    CreatedKey: {
      key: string;
      /** Format: uuid */
      id: string;
      name: string;
      /** @enum {string} */
      role?: 'viewer' | 'ingest' | 'operator' | 'editor' | 'admin' | 'owner';
      project?: string;
      account?: string;
      scope?: components['schemas']['KeyScope'];
      createdAt: string;
      expiresAt: string;
      revokedAt?: string;
      lastUsedAt?: string;
    };
    AccountKeyBody: {
      name: string;
      scope?: components['schemas']['KeyScope'];
      expiresInDays?: number;
    };
    RotateBody: {
      overlapHours?: number;
    };
    Checkpoint: {
      size: number;
      root: string;
      note: string;
      publicKey: string;
      handovers: components['schemas']['KeyHandover'][];
      sealed: number;
      witnessed?: string;
    };
    KeyHandover: {
      note: string;
      leaf: string;
    };
    EntryPage: {
      entries: components['schemas']['LoggedEntry'][];
      next?: number;
    };
    LoggedEntry: {
      index: number;
      leaf: string;
      disclosed: components['schemas']['DisclosedField'][];
    };
    DisclosedField: {
      path: string;
      salt: string;
      value: string;
    };
    Proof: {
      hashes: string[];
      password?: string;
      code?: string;
    };
    RotatedKey: {
      key: string;
      index: number;
    };
    ErasedSubject: {
      fields: number;
    };
    SourceDrift: {
      /** Format: uuid */
      id?: string;
      version?: number;
      changes: string[];
      seenAt?: string;
    };
    ApproveDriftBody: {
      /** Format: uuid */
      id: string;
    };
    QuarantinePage: {
      records: components['schemas']['QuarantinedRecord'][];
      next?: string;
    };
    QuarantinedRecord: {
      id: string;
      pipeline: string;
      /** Format: uuid */
      batchId: string;
      version: number;
      index: number;
      step: string;
      reason: string;
      raw: string;
      rawBytes: number;
      at: string;
      attempts: number;
      triedVersion: number;
      /** @enum {string} */
      state: 'open' | 'normalized' | 'filtered' | 'discarded';
      endedAt?: string;
      note?: string;
    };
    QuarantineTask: {
      /** Format: uuid */
      id: string;
      pipeline: string;
      /** @enum {string} */
      action: 'retry' | 'discard';
      withVersion?: number;
      /** @enum {string} */
      state: 'running' | 'done';
      normalized: number;
      filtered: number;
      failed: number;
      discarded: number;
      startedAt: string;
      endedAt?: string;
      waitingFor?: string;
    };
    RetryBody: {
      withVersion?: number;
      version?: number;
      step?: string;
      reason?: string;
      text?: string;
      from?: string;
      to?: string;
      pipeline: string;
      records?: string[];
    };
    DiscardBody: {
      why: string;
      version?: number;
      step?: string;
      reason?: string;
      text?: string;
      from?: string;
      to?: string;
      pipeline: string;
      records?: string[];
    };
    BackupState: {
      backup: string;
      /** @enum {string} */
      state: 'running' | 'done' | 'failed';
      folder: string;
      reason?: string;
    };
    BackupStates: {
      backups: components['schemas']['BackupState'][];
    };
    DatasetDescription: {
      columns: components['schemas']['ColumnDef'][];
      time: string;
      key: string[];
      /** @enum {string} */
      mode: 'append' | 'merge';
      schemaVersion: number;
      retainMs?: number;
      project: string;
      dataset: string;
    };
    ColumnDef: {
      name: string;
      /** @enum {string} */
      type: 'string' | 'int' | 'double' | 'bool' | 'timestamp' | 'json';
      nullable: boolean;
    };
    RowPage: {
      columns: components['schemas']['ResultColumn'][];
      rows: unknown[][];
      next?: string;
    };
    ResultColumn: {
      name: string;
      /** @enum {string} */
      type: 'string' | 'int' | 'double' | 'bool' | 'timestamp' | 'json';
    };
    QueryReply: {
      columns: components['schemas']['ResultColumn'][];
      rows: unknown[][];
      truncated: boolean;
      asOf: string;
      servedBy: string;
      usedRollup: boolean;
      rowsScanned: number;
      coverage?: components['schemas']['Coverage'];
      repairedBuckets: number;
      dataVersion: string;
    };
    Coverage: {
      from: string;
      to: string;
    };
    IdentifiedRows: {
      ids: string[];
      columns: components['schemas']['ResultColumn'][];
      rows: unknown[][];
      origins: components['schemas']['RowOrigin'][];
    };
    RowOrigin: {
      appendId: string;
      row: number;
    };
    FindBody: {
      key: Record<string, unknown>;
      at?: string;
      limit: number;
    };
    ImportReceipt: {
      id: string;
      rows: number;
      stored: number;
      merged: number;
      stale: number;
      duplicate: number;
      repeated: boolean;
    };
    ErasureReceipt: {
      /** Format: uuid */
      eraseId: string;
      erased: number;
    };
    EraseBody: {
      /** Format: uuid */
      eraseId: string;
      filters: components['schemas']['FilterNode'][];
    };
    FilterNode: {
      column?: string;
      /** @enum {string} */
      op?:
        | 'eq'
        | 'ne'
        | 'lt'
        | 'le'
        | 'gt'
        | 'ge'
        | 'in'
        | 'not_in'
        | 'is_null'
        | 'is_not_null'
        | 'contains'
        | 'starts_with'
        | 'ends_with'
        | 'matches';
      value?: unknown;
      and?: components['schemas']['FilterNode'][];
      or?: components['schemas']['FilterNode'][];
      not?: components['schemas']['FilterNode'];
    };
    ArchiveWork: {
      /** Format: uuid */
      id: string;
      /** @enum {string} */
      kind: 'archive' | 'restore';
      /** Format: uuid */
      archive: string;
      dataset: string;
      /** @enum {string} */
      state: 'running' | 'done' | 'failed' | 'removing' | 'removed';
      rows: number;
      stored?: number;
      reason?: string;
      begunAt: string;
    };
    ArchiveBody: {
      from?: string;
      to?: string;
    };
    ArchiveWorks: {
      work: components['schemas']['ArchiveWork'][];
    };
    RestoreBody: {
      into?: string;
    };
    ExportQueryBody: {
      dataset?: string;
      rollup?: string;
      from?: string;
      to?: string;
      zone?: string;
      bucket?: string;
      measures?: unknown;
      dimensions?: string[];
      columns?: string[];
      filters?: components['schemas']['FilterNode'][];
      having?: components['schemas']['FilterNode'][];
      top?: components['schemas']['QueryTop'];
      /** @enum {string} */
      fill?: 'null' | 'zero' | 'previous' | 'linear';
      compare?: string;
      order?: components['schemas']['QueryOrder'][];
      raw?: boolean;
    };
    QueryTop: {
      by: string;
      count: number;
      other?: boolean;
    };
    QueryOrder: {
      by: string;
      /** @enum {string} */
      direction?: 'asc' | 'desc';
    };
    ExportSqlBody: {
      sql: string;
      parameters?: Record<string, unknown>;
    };
    Plan: {
      documents: components['schemas']['DocumentPlan'][];
      basis: string;
    };
    DocumentPlan: {
      /** @enum {string} */
      kind: 'Schema' | 'Connection' | 'Pipeline';
      name: string;
      /** @enum {string} */
      change: 'create' | 'update' | 'unchanged';
      fromVersion?: number;
      toVersion: number;
      digest: string;
      fields: components['schemas']['FieldChange'][];
      effects: string[];
      warnings: string[];
    };
    FieldChange: {
      path: string;
      before?: unknown;
      after?: unknown;
    };
    RowsDifferences: {
      pipelines: components['schemas']['RowsDifference'][];
    };
    RowsDifference: {
      pipeline: string;
      fromVersion: number;
      records: number;
      same: number;
      changed: number;
      rowsBefore: number;
      rowsAfter: number;
      fields: components['schemas']['FieldDifference'][];
      outcomes: components['schemas']['OutcomeChange'][];
      examples: components['schemas']['DifferenceExample'][];
    };
    FieldDifference: {
      field: string;
      rows: number;
    };
    OutcomeChange: {
      /** @enum {string} */
      from: 'normalized' | 'filtered' | 'quarantined';
      /** @enum {string} */
      to: 'normalized' | 'filtered' | 'quarantined';
      records: number;
    };
    DifferenceExample: {
      /** Format: uuid */
      batchId: string;
      index: number;
      raw: string;
      before: components['schemas']['RecordOutcome'];
      after: components['schemas']['RecordOutcome'];
    };
    RecordOutcome: {
      /** @enum {string} */
      outcome: 'normalized' | 'filtered' | 'quarantined';
      rows: unknown[];
      step?: string;
      reason?: string;
    };
    Applied: {
      documents: components['schemas']['AppliedDocument'][];
    };
    AppliedDocument: {
      version: number;
      digest: string;
      /** @enum {string} */
      change: 'create' | 'update' | 'unchanged';
      active: boolean;
      project: string;
      /** @enum {string} */
      kind: 'Schema' | 'Connection' | 'Pipeline';
      name: string;
    };
    DocumentPage: {
      documents: components['schemas']['DocumentView'][];
      next?: string;
    };
    DocumentView: {
      version: number;
      digest: string;
      /** @enum {string} */
      state: 'installing' | 'active' | 'removing';
      document: Record<string, unknown>;
      appliedAt: string;
      appliedBy: string;
      waitingFor?: string;
      nextTickAt?: string;
      project: string;
      /** @enum {string} */
      kind: 'Schema' | 'Connection' | 'Pipeline';
      name: string;
    };
    AcceptReceipt: {
      /** Format: uuid */
      batchId: string;
      accepted: number;
      repeated: boolean;
      project: string;
      pipeline: string;
      version: number;
    };
    BootstrapToken: {
      keyName: string;
      token: string;
    };
    WhoAmI: {
      /** @enum {string} */
      kind: 'key' | 'user' | 'local' | 'service' | 'anonymous';
      id: string;
      name: string;
      grants: unknown[];
      scope?: Record<string, unknown>;
    };
    KeyBody: {
      name: string;
      /** @enum {string} */
      role?: 'viewer' | 'ingest' | 'operator' | 'editor' | 'admin' | 'owner';
      project?: string;
      scope?: components['schemas']['KeyScope'];
      expiresInDays?: number;
    };
    Ledgers: {
      ledgers: components['schemas']['Ledger'][];
    };
    Ledger: {
      project: string;
      pipeline: string;
      version: number;
      records: components['schemas']['RecordsLine'];
      rows: components['schemas']['RowsLine'];
      dataset: components['schemas']['DatasetTotals'];
      balanced: boolean;
      problems: string[];
      checkedAt: string;
    };
    RecordsLine: {
      accepted: number;
      normalized: number;
      filtered: number;
      quarantined: number;
      discarded: number;
      pending: number;
    };
    RowsLine: {
      produced: number;
      stored: number;
      merged: number;
      stale: number;
      duplicate: number;
    };
    DatasetTotals: {
      stored: number;
      held: number;
      expired: number;
      erased: number;
      replaced: number;
      imported?: number;
    };
    SystemHealth: {
      ready: boolean;
      canary: components['schemas']['CanaryHealth'];
      services: components['schemas']['ServiceHealth'][];
      checkedAt: string;
    };
    CanaryHealth: {
      /** @enum {string} */
      state: 'off' | 'on its way' | 'ok' | 'late';
      tookMs?: number;
      lastAt?: string;
      /** @enum {string} */
      waitingFor?:
        | 'gateway'
        | 'orchestrator'
        | 'connector-hub'
        | 'normalizer'
        | 'storage'
        | 'analytics'
        | 'audit'
        | 'auth'
        | 'observer';
    };
    ServiceHealth: {
      /** @enum {string} */
      service:
        | 'gateway'
        | 'orchestrator'
        | 'connector-hub'
        | 'normalizer'
        | 'storage'
        | 'analytics'
        | 'audit'
        | 'auth'
        | 'observer';
      /** @enum {string} */
      state: 'ready' | 'waiting' | 'unreachable';
      waitingFor: string[];
    };
    SessionAnswer: {
      user: string;
      /** Format: uuid */
      sessionId: string;
      expiresIn: number;
      accessToken?: string;
      refreshToken?: string;
      csrfToken?: string;
    };
    LoginBody: {
      cookies?: boolean;
      name: string;
      password: string;
      code?: string;
    };
    PasskeyCeremony: {
      /** Format: uuid */
      challengeId: string;
      options: Record<string, unknown>;
    };
    PasskeyLoginBody: {
      cookies?: boolean;
      /** Format: uuid */
      challengeId: string;
      response: Record<string, unknown>;
    };
    RefreshBody: {
      refreshToken?: string;
    };
    LogoutUrl: {
      url?: string;
    };
    KeySet: {
      keys: Record<string, unknown>[];
    };
    SessionList: {
      sessions: components['schemas']['SessionView'][];
    };
    SessionView: {
      /** Format: uuid */
      id: string;
      methods: string[];
      agent?: string;
      address?: string;
      createdAt: string;
      lastUsedAt: string;
      expiresAt: string;
    };
    PasswordBody: {
      current: string;
      next: string;
    };
    TotpEnrolment: {
      secret: string;
      uri: string;
    };
    ProofBody: {
      password?: string;
      code?: string;
    };
    RecoveryCodes: {
      recoveryCodes: string[];
    };
    CodeBody: {
      code: string;
    };
    PasskeyList: {
      passkeys: components['schemas']['PasskeyView'][];
    };
    PasskeyView: {
      id: string;
      name: string;
      createdAt: string;
      lastUsedAt?: string;
    };
    PasskeyBody: {
      /** Format: uuid */
      challengeId: string;
      response: Record<string, unknown>;
      name: string;
    };
    OtlpAccepted: {
      partialSuccess?: Record<string, unknown>;
    };
    RoleList: {
      roles: components['schemas']['RoleView'][];
    };
    RoleView: {
      /** @enum {string} */
      origin: 'built-in' | 'own';
      scope: string;
      name: string;
      description?: string;
      rules: components['schemas']['RoleRule'][];
    };
    RoleBody: {
      description?: string;
      rules: components['schemas']['RoleRule'][];
    };
    BindingList: {
      bindings: components['schemas']['BindingView'][];
    };
    BindingView: {
      changedAt: string;
      changedBy: string;
      scope: string;
      name: string;
      role: string;
      subjects: components['schemas']['Subject'][];
    };
    BindingBody: {
      role: string;
      subjects: components['schemas']['Subject'][];
    };
    PipelinePreview: {
      pipeline: string;
      fetched?: components['schemas']['FetchedPages'];
      recorded?: components['schemas']['RecordedPage'][];
      framed: number;
      normalized: number;
      filtered: number;
      quarantined: number;
      produced: number;
      records: components['schemas']['PreviewedRecord'][];
    };
    FetchedPages: {
      pages: number;
      records: number;
      bytes: number;
      done: boolean;
      cursor?: string;
    };
    RecordedPage: {
      /** @enum {string} */
      format: 'json' | 'ndjson' | 'csv' | 'cloudevents' | 'xml';
      text: string;
    };
    PreviewedRecord: {
      index: number;
      raw: string;
      /** @enum {string} */
      outcome: 'normalized' | 'filtered' | 'quarantined';
      rows: unknown[];
      step?: string;
      reason?: string;
    };
    TestPipelineBody: {
      documents: string;
      pipeline?: string;
      limit?: number;
      given: components['schemas']['RecordedPage'];
    };
    PrometheusReply: {
      /** @enum {string} */
      status: 'success';
      data: Record<string, unknown>;
    };
    PrometheusList: {
      /** @enum {string} */
      status: 'success';
      data: unknown[];
    };
    QueryBody: {
      limit?: number;
      dataset?: string;
      rollup?: string;
      from?: string;
      to?: string;
      zone?: string;
      bucket?: string;
      measures?: unknown;
      dimensions?: string[];
      columns?: string[];
      filters?: components['schemas']['FilterNode'][];
      having?: components['schemas']['FilterNode'][];
      top?: components['schemas']['QueryTop'];
      /** @enum {string} */
      fill?: 'null' | 'zero' | 'previous' | 'linear';
      compare?: string;
      order?: components['schemas']['QueryOrder'][];
      raw?: boolean;
    };
    SqlRows: {
      columns: components['schemas']['ResultColumn'][];
      rows: unknown[][];
      truncated: boolean;
      asOf: string;
      dataVersion: string;
    };
    SqlBody: {
      limit?: number;
      timeoutMs?: number;
      sql: string;
      parameters?: Record<string, unknown>;
    };
    RollupStatuses: {
      rollups: components['schemas']['RollupStatus'][];
    };
    RollupStatus: {
      pipeline: string;
      dataset: string;
      name: string;
      dirtyBuckets: number;
      cleanBuckets: number;
      progress: number;
      bucketMs?: number;
      /** @enum {string} */
      unit?: 'day' | 'week' | 'month' | 'quarter' | 'year';
      zone?: string;
    };
    VerifiedRollup: {
      buckets: number;
      groups: number;
      dirtyBuckets: number;
      mismatches: number;
      examples: components['schemas']['RollupMismatch'][];
    };
    RollupMismatch: {
      bucket: string;
      group: unknown[];
      kept?: unknown[];
      expected?: unknown[];
    };
    RouteExplanation: {
      route: string;
      handler: string;
      isPublic: boolean;
      permission?: string;
      project?: string;
      /** @enum {string} */
      priority: 'health' | 'control' | 'query' | 'bulk';
      deadlineMs: number;
      limits: components['schemas']['AppliedLimit'][];
      grants: components['schemas']['GrantReason'][];
      as: string;
      /** @enum {string} */
      verdict: 'public' | 'allowed' | 'denied' | 'stranger';
      reason: string;
    };
    AppliedLimit: {
      name: string;
      count: number;
      perSeconds: number;
    };
    Run: {
      /** Format: uuid */
      id: string;
      project: string;
      pipeline: string;
      version: number;
      /** @enum {string} */
      state: 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'skipped' | 'missed' | 'paused';
      /** @enum {string} */
      trigger: 'manual' | 'schedule';
      dueAt?: string;
      createdAt: string;
      startedAt?: string;
      endedAt?: string;
      reason?: string;
      replay?: components['schemas']['ReplayView'];
      steps: components['schemas']['RunStep'][];
    };
    ReplayView: {
      from: string;
      to: string;
      dataset?: string;
    };
    RunStep: {
      /** @enum {string} */
      name: 'pull' | 'replay' | 'normalize' | 'refresh';
      /** @enum {string} */
      state: 'waiting' | 'running' | 'retrying' | 'succeeded' | 'failed' | 'cancelled';
      attempts: number;
      startedAt?: string;
      endedAt?: string;
      error?: string;
      counts: Record<string, unknown>;
      notes?: string[];
    };
    ReplayBody: {
      from: string;
      to?: string;
      version?: number;
      dataset?: string;
    };
    SavedQueries: {
      queries: components['schemas']['SavedQuery'][];
    };
    SavedQuery: {
      version: number;
      definition: components['schemas']['QueryDefinition'];
      savedAt: string;
      project: string;
      name: string;
    };
    QueryDefinition: {
      description?: string;
      parameters?: Record<string, unknown>;
      query?: Record<string, unknown>;
      sql?: string;
    };
    SavedAnswer: {
      etag?: string;
      unchanged: boolean;
      version: number;
      columns: components['schemas']['ResultColumn'][];
      rows: unknown[][];
      truncated: boolean;
      asOf: string;
      rowCount: number;
    };
    RowLineages: {
      rows: components['schemas']['RowLineage'][];
    };
    RowLineage: {
      id: string;
      row: Record<string, unknown>;
      appendId: string;
      batch?: components['schemas']['OriginBatch'];
      record?: components['schemas']['OriginRecord'];
      steps: components['schemas']['OriginStep'][];
    };
    OriginBatch: {
      /** Format: uuid */
      batchId: string;
      version: number;
      generation?: number;
      rawKept: boolean;
      pipeline?: string;
      /** Format: uuid */
      runId?: string;
      receivedAt?: string;
      format?: string;
      records?: number;
      bytes?: number;
      sha256?: string;
    };
    OriginRecord: {
      index: number;
      raw: string;
    };
    OriginStep: {
      name?: string;
      /** @enum {string} */
      kind: 'map' | 'set' | 'unset' | 'rename' | 'filter' | 'split' | 'lookup' | 'redact' | 'reshape' | 'validate';
    };
    RunPage: {
      runs: components['schemas']['Run'][];
      next?: string;
    };
    SecretList: {
      secrets: components['schemas']['SecretView'][];
    };
    SecretView: {
      /** @enum {string} */
      provider: 'own' | 'env' | 'file' | 'vault';
      version: number;
      createdAt: string;
      changedAt: string;
      changedBy: string;
      lastUsedAt?: string;
      project: string;
      name: string;
    };
    SecretBody: {
      /** @enum {string} */
      provider: 'own' | 'env' | 'file' | 'vault';
      value?: string;
    };
    RotatedSecrets: {
      keyId: string;
      rewrapped: number;
      complete: boolean;
    };
    UserList: {
      users: components['schemas']['UserView'][];
    };
    UserView: {
      /** Format: uuid */
      id: string;
      name: string;
      displayName: string;
      email?: string;
      /** @enum {string} */
      state: 'active' | 'disabled';
      /** @enum {string} */
      origin: 'own' | 'oidc' | 'scim';
      hasPassword: boolean;
      hasSecondFactor: boolean;
      groups: string[];
      createdAt: string;
      lastLoginAt?: string;
    };
    CreateUser: {
      displayName?: string;
      email?: string;
      password?: string;
      name: string;
    };
    UserBody: {
      displayName?: string;
      email?: string;
      /** @enum {string} */
      state?: 'active' | 'disabled';
      password?: string;
    };
    GroupList: {
      groups: components['schemas']['GroupView'][];
    };
    GroupView: {
      /** @enum {string} */
      origin: 'own' | 'oidc' | 'scim';
      name: string;
      members: string[];
    };
    GroupBody: {
      members: string[];
    };
    ProviderList: {
      providers: components['schemas']['ProviderView'][];
    };
    ProviderView: {
      issuer: string;
      clientId: string;
      scopes: string[];
      nameClaim?: string;
      groupsClaim?: string;
      groups: components['schemas']['ClaimMapping'][];
      /** @enum {string} */
      client: 'confidential' | 'public';
      changedAt: string;
      changedBy: string;
      name: string;
    };
    ClaimMapping: {
      value: string;
      group: string;
    };
    ProviderBody: {
      /** Format: url */
      issuer: string;
      clientId: string;
      clientSecret?: string;
      scopes?: string[];
      nameClaim?: string;
      groupsClaim?: string;
      groups?: components['schemas']['ClaimMapping'][];
    };
    PipelineDocument: {
      /** @constant */
      apiVersion: 'chartly.io/v1';
      /** @constant */
      kind: 'Pipeline';
      metadata: {
        name: string;
        project?: string;
        labels?: {
          [key: string]: string;
        };
      };
      spec: {
        schedule?: {
          every?: string;
          cron?: string;
          timezone?: string;
          /** @enum {unknown} */
          overlap?: 'skip';
          timeout?: string;
          retry?: {
            max: number;
            /** @enum {unknown} */
            backoff?: 'exponential' | 'fixed';
            initial?: string;
          };
        };
        source?: {
          http?: {
            url: string;
            /** @enum {unknown} */
            method?: 'GET' | 'POST' | 'PUT';
            headers?: {
              [key: string]: string;
            };
            query?: {
              [key: string]: string | number | boolean;
            };
            body?: {
              json?: unknown;
              form?: {
                [key: string]: string | number | boolean;
              };
              text?: {
                type: string;
                value: string;
              };
            };
            auth?: {
              basic?: {
                username: string;
                password: string;
              };
              bearer?: {
                token: string;
              };
              apiKey?: {
                header?: string;
                query?: string;
                value: string;
              };
              headers?: {
                [key: string]: string;
              };
              oauth2?: {
                tokenUrl: string;
                clientId: string;
                clientSecret: string;
                scope?: string;
                params?: {
                  [key: string]: string;
                };
                /** @enum {unknown} */
                clientAuth?: 'basic' | 'body';
              };
            };
            records?: string;
            /** @enum {unknown} */
            format?: 'json' | 'ndjson' | 'csv' | 'xml';
            conditional?: boolean;
          };
          feed?: {
            url: string;
            headers?: {
              [key: string]: string;
            };
            auth?: {
              basic?: {
                username: string;
                password: string;
              };
              bearer?: {
                token: string;
              };
              apiKey?: {
                header?: string;
                query?: string;
                value: string;
              };
              headers?: {
                [key: string]: string;
              };
              oauth2?: {
                tokenUrl: string;
                clientId: string;
                clientSecret: string;
                scope?: string;
                params?: {
                  [key: string]: string;
                };
                /** @enum {unknown} */
                clientAuth?: 'basic' | 'body';
              };
            };
          };
          postgres?: {
            url: string;
            auth: {
              user: string;
              password: string;
            };
            /** @enum {unknown} */
            tls?: 'verify' | 'off';
            table: string;
            columns?: string[];
            cursor: string;
            tieBreaker: string;
          };
          prometheus?: {
            url: string;
            headers?: {
              [key: string]: string;
            };
            auth?: {
              basic?: {
                username: string;
                password: string;
              };
              bearer?: {
                token: string;
              };
              apiKey?: {
                header?: string;
                query?: string;
                value: string;
              };
              headers?: {
                [key: string]: string;
              };
              oauth2?: {
                tokenUrl: string;
                clientId: string;
                clientSecret: string;
                scope?: string;
                params?: {
                  [key: string]: string;
                };
                /** @enum {unknown} */
                clientAuth?: 'basic' | 'body';
              };
            };
          };
          redis?: {
            url: string;
            auth?: {
              user?: string;
              password: string;
            };
            stream: string;
            group?: string;
            /** @enum {unknown} */
            start?: 'earliest' | 'latest';
          };
          nats?: {
            url: string;
            auth?: {
              user?: string;
              password?: string;
              token?: string;
              creds?: string;
            };
            stream: string;
            subject?: string;
            durable?: string;
            /** @enum {unknown} */
            start?: 'earliest' | 'latest';
            /** @enum {unknown} */
            format?: 'json' | 'text' | 'base64';
          };
          mqtt?: {
            url: string;
            auth?: {
              user: string;
              password: string;
            };
            topics: string[];
            clientId?: string;
            session?: string;
            /** @enum {unknown} */
            format?: 'json' | 'text' | 'base64';
          };
          file?: {
            url: string;
            files: string;
            /** @enum {unknown} */
            format: 'csv' | 'ndjson' | 'json' | 'parquet';
            delimiter?: string;
            settle?: string;
            placeAs?: string;
            region?: string;
            auth?: {
              accessKeyId: string;
              secretAccessKey: string;
            };
          };
          parent?: {
            http: {
              url: string;
              /** @enum {unknown} */
              method?: 'GET' | 'POST' | 'PUT';
              headers?: {
                [key: string]: string;
              };
              query?: {
                [key: string]: string | number | boolean;
              };
              body?: {
                json?: unknown;
                form?: {
                  [key: string]: string | number | boolean;
                };
                text?: {
                  type: string;
                  value: string;
                };
              };
              auth?: {
                basic?: {
                  username: string;
                  password: string;
                };
                bearer?: {
                  token: string;
                };
                apiKey?: {
                  header?: string;
                  query?: string;
                  value: string;
                };
                headers?: {
                  [key: string]: string;
                };
                oauth2?: {
                  tokenUrl: string;
                  clientId: string;
                  clientSecret: string;
                  scope?: string;
                  params?: {
                    [key: string]: string;
                  };
                  /** @enum {unknown} */
                  clientAuth?: 'basic' | 'body';
                };
              };
              records?: string;
              /** @enum {unknown} */
              format?: 'json' | 'ndjson' | 'csv' | 'xml';
              conditional?: boolean;
            };
            paginate?: {
              offset?: {
                param?: string;
                start?: number;
                size: {
                  param?: string;
                  value: number;
                };
                /** @enum {unknown} */
                end?: 'empty' | 'short';
              };
              page?: {
                param?: string;
                start?: number;
                size?: {
                  param?: string;
                  value: number;
                };
                /** @enum {unknown} */
                end?: 'empty' | 'short';
              };
              cursor?: {
                path: string;
                param?: string;
              };
              nextUrl?: {
                path: string;
              };
              linkHeader?: {
                rel?: string;
              };
              none?: Record<string, unknown>;
              more?: string;
              emptyPages?: number;
            };
            values: {
              [key: string]: string;
            };
            as?: string;
          };
          paginate?: {
            offset?: {
              param?: string;
              start?: number;
              size: {
                param?: string;
                value: number;
              };
              /** @enum {unknown} */
              end?: 'empty' | 'short';
            };
            page?: {
              param?: string;
              start?: number;
              size?: {
                param?: string;
                value: number;
              };
              /** @enum {unknown} */
              end?: 'empty' | 'short';
            };
            cursor?: {
              path: string;
              param?: string;
            };
            nextUrl?: {
              path: string;
            };
            linkHeader?: {
              rel?: string;
            };
            none?: Record<string, unknown>;
            more?: string;
            emptyPages?: number;
          };
          cursor?: {
            path: string;
            /** @enum {unknown} */
            type?: 'time' | 'number' | 'text';
            /** @enum {unknown} */
            format?: 'rfc3339' | 'rfc3339_s' | 'epoch_ms' | 'epoch_s' | 'date';
            param?: string;
            start?: string | number;
            lookback?: string | number;
          };
          window?: {
            size: string;
            param?: string;
          };
          /** @enum {unknown} */
          drift?: 'propagate' | 'approve' | 'quarantine' | 'pause';
          limits?: {
            rate?: string;
            concurrency?: number;
            retry?: {
              max: number;
              /** @enum {unknown} */
              backoff?: 'exponential' | 'fixed';
              initial?: string;
            };
          };
        };
        hook?: {
          /** @enum {unknown} */
          scheme: 'standard' | 'github' | 'stripe' | 'hmac';
          secrets: string[];
          signature?: {
            header: string;
            prefix?: string;
            /** @enum {unknown} */
            encoding?: 'hex' | 'base64';
            timestamp?: string;
            signed?: string;
          };
        };
        steps: {
          name?: string;
          map?: {
            [key: string]: string;
          };
          set?: {
            [key: string]: string;
          };
          unset?: string[];
          rename?: {
            [key: string]: string;
          };
          filter?: string;
          split?: string;
          lookup?: {
            key: string;
            table?: {
              [key: string]: {
                [key: string]: string | number | boolean | null;
              };
            };
            dataset?: string;
            by?: string;
            set: {
              [key: string]: string;
            };
            /** @enum {unknown} */
            missing?: 'null' | 'quarantine';
          };
          redact?: {
            [key: string]: 'drop' | 'hash' | 'mask';
          };
          reshape?: {
            jsonata: string;
          };
          validate?: {
            schema: string;
            /** @enum {unknown} */
            onFail?: 'quarantine';
          };
        }[];
        store: {
          dataset: string;
          time: string;
          key: string[];
          /** @enum {unknown} */
          mode?: 'append' | 'merge';
          version?: string;
          deleted?: string;
          dedupe?: {
            /** @constant */
            by: 'key';
          };
          retain?: string;
          columns?: {
            [key: string]:
              | 'string'
              | 'string?'
              | 'int'
              | 'int?'
              | 'double'
              | 'double?'
              | 'bool'
              | 'bool?'
              | 'timestamp'
              | 'timestamp?'
              | 'json'
              | 'json?';
          };
        };
        keepRaw?: string;
        rollups?: {
          name: string;
          bucket: string;
          timezone?: string;
          by?: string[];
          measures: {
            [key: string]: string;
          };
        }[];
        tests?: {
          name?: string;
          given: string;
          expect: {
            stored?: number;
            quarantined?: number;
            filtered?: number;
          };
        }[];
      };
    };
    SchemaDocument: {
      /** @constant */
      apiVersion: 'chartly.io/v1';
      /** @constant */
      kind: 'Schema';
      metadata: {
        name: string;
        project?: string;
        labels?: {
          [key: string]: string;
        };
      };
      spec: {
        version: number;
        jsonSchema: Record<string, unknown>;
        /** @enum {unknown} */
        compatibility?:
          'none' | 'backward' | 'backward_transitive' | 'forward' | 'forward_transitive' | 'full' | 'full_transitive';
      };
    };
    ConnectionDocument: {
      /** @constant */
      apiVersion: 'chartly.io/v1';
      /** @constant */
      kind: 'Connection';
      metadata: {
        name: string;
        project?: string;
        labels?: {
          [key: string]: string;
        };
      };
      spec: {
        url: string;
        headers?: {
          [key: string]: string;
        };
        auth?: {
          basic?: {
            username: string;
            password: string;
          };
          bearer?: {
            token: string;
          };
          apiKey?: {
            header?: string;
            query?: string;
            value: string;
          };
          headers?: {
            [key: string]: string;
          };
          oauth2?: {
            tokenUrl: string;
            clientId: string;
            clientSecret: string;
            scope?: string;
            params?: {
              [key: string]: string;
            };
            /** @enum {unknown} */
            clientAuth?: 'basic' | 'body';
          };
        };
      };
    };
  };
  responses: {
    /** @description The request is malformed: a parameter, a header, or a body that does not parse. */
    Problem400: {
      headers: {
        'x-request-id': components['headers']['x-request-id'];
        ratelimit: components['headers']['ratelimit'];
        'ratelimit-policy': components['headers']['ratelimit-policy'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'];
      };
    };
    /** @description No credential, or one that is unknown, revoked or expired. */
    Problem401: {
      headers: {
        'x-request-id': components['headers']['x-request-id'];
        ratelimit: components['headers']['ratelimit'];
        'ratelimit-policy': components['headers']['ratelimit-policy'];
        'www-authenticate': components['headers']['www-authenticate'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'];
      };
    };
    /** @description The caller lacks the permission that `permission` names. */
    Problem403: {
      headers: {
        'x-request-id': components['headers']['x-request-id'];
        ratelimit: components['headers']['ratelimit'];
        'ratelimit-policy': components['headers']['ratelimit-policy'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'];
      };
    };
    /** @description There is no such thing, or none that the caller may know of. */
    Problem404: {
      headers: {
        'x-request-id': components['headers']['x-request-id'];
        ratelimit: components['headers']['ratelimit'];
        'ratelimit-policy': components['headers']['ratelimit-policy'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'];
      };
    };
    /** @description The request does not fit the present state, or the same Idempotency-Key is still being answered. */
    Problem409: {
      headers: {
        'x-request-id': components['headers']['x-request-id'];
        ratelimit: components['headers']['ratelimit'];
        'ratelimit-policy': components['headers']['ratelimit-policy'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'];
      };
    };
    /** @description The document has another ETag than the request asks for. */
    Problem412: {
      headers: {
        'x-request-id': components['headers']['x-request-id'];
        ratelimit: components['headers']['ratelimit'];
        'ratelimit-policy': components['headers']['ratelimit-policy'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'];
      };
    };
    /** @description The body is larger than allowed, as it came or inflated. */
    Problem413: {
      headers: {
        'x-request-id': components['headers']['x-request-id'];
        ratelimit: components['headers']['ratelimit'];
        'ratelimit-policy': components['headers']['ratelimit-policy'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'];
      };
    };
    /** @description The content type or coding is not one that the route takes. */
    Problem415: {
      headers: {
        'x-request-id': components['headers']['x-request-id'];
        ratelimit: components['headers']['ratelimit'];
        'ratelimit-policy': components['headers']['ratelimit-policy'];
        'accept-encoding': components['headers']['accept-encoding'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'];
      };
    };
    /** @description The request is well-formed and not valid; `errors` names each place. */
    Problem422: {
      headers: {
        'x-request-id': components['headers']['x-request-id'];
        ratelimit: components['headers']['ratelimit'];
        'ratelimit-policy': components['headers']['ratelimit-policy'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'];
      };
    };
    /** @description Too many requests or too much data waiting; `Retry-After` says when to try again. */
    Problem429: {
      headers: {
        'x-request-id': components['headers']['x-request-id'];
        ratelimit: components['headers']['ratelimit'];
        'ratelimit-policy': components['headers']['ratelimit-policy'];
        'retry-after': components['headers']['retry-after'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'];
      };
    };
    /** @description A service or engine is away or busy; `Retry-After` says when to try again. */
    Problem503: {
      headers: {
        'x-request-id': components['headers']['x-request-id'];
        ratelimit: components['headers']['ratelimit'];
        'ratelimit-policy': components['headers']['ratelimit-policy'];
        'retry-after': components['headers']['retry-after'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'];
      };
    };
    /** @description The deadline passed before an answer came. */
    Problem504: {
      headers: {
        'x-request-id': components['headers']['x-request-id'];
        ratelimit: components['headers']['ratelimit'];
        'ratelimit-policy': components['headers']['ratelimit-policy'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['Problem'];
      };
    };
  };
  parameters: never;
  requestBodies: never;
  headers: {
    /** @description Names the request in logs, problems and the audit log. */
    'x-request-id': string;
    /** @description What the answer is known by: send it as If-None-Match, or as If-Match to change it. */
    etag: string;
    /** @description The tightest limit: `r` requests left, full again in `t` seconds. */
    ratelimit: string;
    /** @description Every limit that counted the request: `q` requests in `w` seconds. */
    'ratelimit-policy': string;
    /** @description When to try again. Unit: seconds. */
    'retry-after': number;
    /** @description How to authenticate. */
    'www-authenticate': string;
    /** @description The codings that a body may have, when the coding was what was wrong. */
    'accept-encoding': string;
  };
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  postProjectPlan: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/yaml': string | Uint8Array<ArrayBuffer>;
        'application/json': string | Uint8Array<ArrayBuffer>;
      };
    };
    responses: {
      /** @description Shows what applying these documents would change; changes nothing. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Plan'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postProjectPlanRows: {
    parameters: {
      query?: {
        /** @description How many records, 1 to 10,000; 1,000 when left out. */
        records?: number;
      };
      header?: never;
      path: {
        project: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/yaml': string | Uint8Array<ArrayBuffer>;
        'application/json': string | Uint8Array<ArrayBuffer>;
      };
    };
    responses: {
      /** @description Runs the changed pipelines over their newest raw records, beside what is active; changes nothing. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RowsDifferences'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postProjectApply: {
    parameters: {
      query?: never;
      header?: {
        /** @description The `basis` of a plan, to apply just what was planned. */
        'chartly-plan-basis'?: string;
        /** @description The same key on the same route gives the first answer again, for 72 hours; with another body it is refused. */
        'idempotency-key'?: string;
      };
      path: {
        project: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/yaml': string | Uint8Array<ArrayBuffer>;
        'application/json': string | Uint8Array<ArrayBuffer>;
      };
    };
    responses: {
      /** @description Applies documents: each changed one becomes a new immutable version. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Applied'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      409: components['responses']['Problem409'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getProjectDocuments: {
    parameters: {
      query?: {
        /** @description pipelines, schemas or connections. */
        kind?: 'pipelines' | 'schemas' | 'connections';
        /** @description Items in a page, 1 to 1,000. */
        limit?: number;
        /** @description The `next` of the page before. */
        cursor?: string;
      };
      header?: never;
      path: {
        project: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Lists documents. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['DocumentPage'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getProjectDocumentsKindName: {
    parameters: {
      query?: {
        /** @description An earlier version. */
        version?: number;
      };
      header?: never;
      path: {
        project: string;
        /** @description pipelines, schemas or connections. */
        kind: 'pipelines' | 'schemas' | 'connections';
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One document, as it is active or in an earlier version. The ETag is its digest. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['DocumentView'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  putProjectDocumentsKindName: {
    parameters: {
      query?: never;
      header?: {
        /** @description `*`: only when there is no such document yet. */
        'if-none-match'?: string;
        /** @description Only over the version that has one of these ETags. */
        'if-match'?: string;
      };
      path: {
        project: string;
        /** @description pipelines, schemas or connections. */
        kind: 'pipelines' | 'schemas' | 'connections';
        name: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/yaml': string | Uint8Array<ArrayBuffer>;
        'application/json': string | Uint8Array<ArrayBuffer>;
      };
    };
    responses: {
      /** @description Applies one document. With If-Match only over the version that has this ETag; with "If-None-Match: *" only a new one. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['AppliedDocument'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      412: components['responses']['Problem412'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  deleteProjectDocumentsKindName: {
    parameters: {
      query?: never;
      header?: {
        /** @description Only over the version that has one of these ETags. */
        'if-match'?: string;
      };
      path: {
        project: string;
        /** @description pipelines, schemas or connections. */
        kind: 'pipelines' | 'schemas' | 'connections';
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Deletes a document. A pipeline takes no more data; its stored rows stay. */
      204: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      409: components['responses']['Problem409'];
      412: components['responses']['Problem412'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postProjectPipelinesPipelineEvents: {
    parameters: {
      query?: never;
      header?: {
        /** @description The same key on the same route gives the first answer again, for 72 hours; with another body it is refused. */
        'idempotency-key'?: string;
      };
      path: {
        project: string;
        pipeline: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/x-ndjson': string | Uint8Array<ArrayBuffer>;
        'application/json': string | Uint8Array<ArrayBuffer>;
        'text/csv': string | Uint8Array<ArrayBuffer>;
        'application/cloudevents+json': string | Uint8Array<ArrayBuffer>;
        'application/cloudevents-batch+json': string | Uint8Array<ArrayBuffer>;
        'application/xml': string | Uint8Array<ArrayBuffer>;
      };
    };
    responses: {
      /** @description Takes events: NDJSON, a JSON array or one JSON object, CSV with a header row, XML, or CloudEvents 1.0 (structured, batched, or binary with `ce-` headers). 202 means that they are committed. */
      202: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['AcceptReceipt'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      409: components['responses']['Problem409'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postHooksHook: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description `PROJECT.PIPELINE`, as `default.orders`. */
        hook: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': string | Uint8Array<ArrayBuffer>;
        'application/x-ndjson': string | Uint8Array<ArrayBuffer>;
        'text/csv': string | Uint8Array<ArrayBuffer>;
        'application/cloudevents+json': string | Uint8Array<ArrayBuffer>;
        'application/xml': string | Uint8Array<ArrayBuffer>;
      };
    };
    responses: {
      /** @description Takes what a webhook sends, signed as the hook section of its pipeline says. 202 means that it is committed. */
      202: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['AcceptReceipt'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      409: components['responses']['Problem409'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postProjectPipelinesPreview: {
    parameters: {
      query?: {
        /** @description Which one, when the documents hold several. */
        pipeline?: string;
        /** @description Records that are shown, the first ones: 1 to 1,000. */
        limit?: number;
        /** @description Pages that are fetched: 1 to 10. */
        pages?: number;
        /** @description `true`: the answer holds the pages, to run them again without the source. */
        record?: boolean;
      };
      header?: never;
      path: {
        project: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/yaml': string | Uint8Array<ArrayBuffer>;
        'application/json': string | Uint8Array<ArrayBuffer>;
      };
    };
    responses: {
      /** @description Fetches the first page of a pipeline's source and shows what would become of it; keeps nothing. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['PipelinePreview'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postProjectPipelinesTest: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['TestPipelineBody'];
      };
    };
    responses: {
      /** @description Runs given records through a pipeline and shows what would become of them; asks no source, keeps nothing. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['PipelinePreview'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postProjectPipelinesPipelineOtlpMetrics: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        pipeline: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/x-protobuf': string | Uint8Array<ArrayBuffer>;
        'application/json': string | Uint8Array<ArrayBuffer>;
      };
    };
    responses: {
      /** @description Takes OTLP metrics (protobuf or JSON): each data point becomes a record. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['OtlpAccepted'];
          'application/x-protobuf': string;
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postProjectPipelinesPipelineOtlpLogs: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        pipeline: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/x-protobuf': string | Uint8Array<ArrayBuffer>;
        'application/json': string | Uint8Array<ArrayBuffer>;
      };
    };
    responses: {
      /** @description Takes OTLP logs (protobuf or JSON): each log record becomes a record. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['OtlpAccepted'];
          'application/x-protobuf': string;
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postOtlpMetrics: {
    parameters: {
      query?: never;
      header?: {
        'chartly-pipeline'?: string;
        'chartly-project'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/x-protobuf': string | Uint8Array<ArrayBuffer>;
        'application/json': string | Uint8Array<ArrayBuffer>;
      };
    };
    responses: {
      /** @description Takes OTLP metrics for the pipeline that the headers `chartly-project` and `chartly-pipeline` name. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['OtlpAccepted'];
          'application/x-protobuf': string;
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postOtlpLogs: {
    parameters: {
      query?: never;
      header?: {
        'chartly-pipeline'?: string;
        'chartly-project'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/x-protobuf': string | Uint8Array<ArrayBuffer>;
        'application/json': string | Uint8Array<ArrayBuffer>;
      };
    };
    responses: {
      /** @description Takes OTLP logs for the pipeline that the headers `chartly-project` and `chartly-pipeline` name. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['OtlpAccepted'];
          'application/x-protobuf': string;
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postProjectPipelinesPipelineRemoteWrite: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        pipeline: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/x-protobuf': string | Uint8Array<ArrayBuffer>;
      };
    };
    responses: {
      /** @description Takes Prometheus remote write 1.0: each sample becomes a record. 204 means that they are committed. */
      204: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postProjectPipelinesPipelineRuns: {
    parameters: {
      query?: never;
      header?: {
        /** @description The same key on the same route gives the first answer again, for 72 hours; with another body it is refused. */
        'idempotency-key'?: string;
      };
      path: {
        project: string;
        pipeline: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Starts a run now. */
      202: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Run'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      409: components['responses']['Problem409'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getProjectRuns: {
    parameters: {
      query?: {
        /** @description Only runs of this pipeline. */
        pipeline?: string;
        /** @description Only runs in this state. */
        state?: 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'skipped' | 'missed' | 'paused';
        /** @description Items in a page, 1 to 1,000. */
        limit?: number;
        /** @description The `next` of the page before. */
        cursor?: string;
      };
      header?: never;
      path: {
        project: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Lists runs, the newest first. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RunPage'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getProjectRunsRun: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        run: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One run with its steps. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Run'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postProjectRunsRunCancel: {
    parameters: {
      query?: never;
      header?: {
        /** @description The same key on the same route gives the first answer again, for 72 hours; with another body it is refused. */
        'idempotency-key'?: string;
      };
      path: {
        project: string;
        run: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Asks a run to stop. */
      202: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Run'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      409: components['responses']['Problem409'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getProjectDatasetsDatasetLineage: {
    parameters: {
      query: {
        /** @description A JSON object with a value for each column of the key. */
        key: string;
        /** @description Only the row of this time, RFC 3339. */
        at?: string;
        /** @description Rows, the newest first, 1 to 10; 1 when left out. */
        limit?: number;
      };
      header?: never;
      path: {
        project: string;
        dataset: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Where the rows of a key came from: batch, raw record, pipeline version and steps. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RowLineages'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getProjectDatasetsDatasetRowsRowLineage: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        dataset: string;
        row: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Where one row came from: batch, raw record, pipeline version and steps. Rows by key give the id. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RowLineage'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postProjectPipelinesPipelineReplays: {
    parameters: {
      query?: never;
      header?: {
        /** @description The same key on the same route gives the first answer again, for 72 hours; with another body it is refused. */
        'idempotency-key'?: string;
      };
      path: {
        project: string;
        pipeline: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ReplayBody'];
      };
    };
    responses: {
      /** @description Replays raw batches of a time with a version, in place or into a new dataset. */
      202: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Run'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      409: components['responses']['Problem409'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postProjectRunsRunPause: {
    parameters: {
      query?: never;
      header?: {
        /** @description The same key on the same route gives the first answer again, for 72 hours; with another body it is refused. */
        'idempotency-key'?: string;
      };
      path: {
        project: string;
        run: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Pauses a replay. */
      202: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Run'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      409: components['responses']['Problem409'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postProjectRunsRunResume: {
    parameters: {
      query?: never;
      header?: {
        /** @description The same key on the same route gives the first answer again, for 72 hours; with another body it is refused. */
        'idempotency-key'?: string;
      };
      path: {
        project: string;
        run: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Lets a paused replay go on. */
      202: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Run'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      409: components['responses']['Problem409'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getRoutesExplain: {
    parameters: {
      query: {
        /** @description Its method. */
        method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
        /** @description Its path, without the query. */
        path: string;
        /** @description `user:NAME`, `account:PROJECT/NAME`, `key:ID` or `role:NAME@PROJECT`; the caller itself when left out. */
        as?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What a request would meet: route, permission, limits, deadline and verdict. Makes no such request. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RouteExplanation'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postProjectQuery: {
    parameters: {
      query?: never;
      header?: {
        /** @description `application/json`, `application/x-ndjson`, `text/csv` or `application/vnd.apache.arrow.stream`. */
        accept?: string;
      };
      path: {
        project: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['QueryBody'];
      };
    };
    responses: {
      /** @description Answers a question over a dataset or a rollup. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['QueryReply'];
          'application/x-ndjson': string;
          'text/csv': string;
          'application/vnd.apache.arrow.stream': string;
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postProjectSql: {
    parameters: {
      query?: never;
      header?: {
        /** @description `application/json`, `application/x-ndjson`, `text/csv` or `application/vnd.apache.arrow.stream`. */
        accept?: string;
      };
      path: {
        project: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['SqlBody'];
      };
    };
    responses: {
      /** @description Runs one SELECT over the datasets and rollups of the project, by their names. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SqlRows'];
          'application/x-ndjson': string;
          'text/csv': string;
          'application/vnd.apache.arrow.stream': string;
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getProjectPrometheusApiQuery: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A PromQL expression at one time. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['PrometheusReply'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getProjectPrometheusApiQuery_range: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A PromQL expression over a range of times. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['PrometheusReply'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getProjectPrometheusApiSeries: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The series that selectors mean. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['PrometheusList'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getProjectPrometheusApiLabels: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The names of labels. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['PrometheusList'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getProjectPrometheusApiLabelLabelValues: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        label: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The values of a label. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['PrometheusList'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getProjectRollups: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Lists rollups, how current they are and how far a backfill is. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RollupStatuses'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getProjectRollupsRollupVerify: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        rollup: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Recomputes what a rollup keeps from raw rows, and tells every group that is not the same. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['VerifiedRollup'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getProjectPipelinesPipelineDrift: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        pipeline: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description How the records of a pipeline's source have changed and nobody has approved yet. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SourceDrift'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postProjectPipelinesPipelineDriftApprove: {
    parameters: {
      query?: never;
      header?: {
        /** @description The same key on the same route gives the first answer again, for 72 hours; with another body it is refused. */
        'idempotency-key'?: string;
      };
      path: {
        project: string;
        pipeline: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ApproveDriftBody'];
      };
    };
    responses: {
      /** @description Takes the source's records as they are now, as long as they are what was looked at. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SourceDrift'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      409: components['responses']['Problem409'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getProjectQuarantine: {
    parameters: {
      query?: {
        /** @description Only records of this pipeline. */
        pipeline?: string;
        /** @description Items in a page, 1 to 1,000. */
        limit?: number;
        /** @description The `next` of the page before. */
        cursor?: string;
        /** @description Only records that came under this version. */
        version?: number;
        /** @description Only records that failed at the step of this name. */
        step?: string;
        /** @description Only records whose reason holds this text, in whatever case. */
        reason?: string;
        /** @description Only records that hold this text as they came. */
        text?: string;
        /** @description Only records kept at or after this time. */
        from?: string;
        /** @description Only records kept before this time. */
        to?: string;
        /** @description Only records in this state; open ones when left out. */
        state?: 'open' | 'normalized' | 'filtered' | 'discarded';
      };
      header?: never;
      path: {
        project: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Records that could not become rows, as they came and why; the newest first. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['QuarantinePage'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getProjectPipelinesPipelineQuarantine: {
    parameters: {
      query?: {
        /** @description Only records that came under this version. */
        version?: number;
        /** @description Only records that failed at the step of this name. */
        step?: string;
        /** @description Only records whose reason holds this text, in whatever case. */
        reason?: string;
        /** @description Only records that hold this text as they came. */
        text?: string;
        /** @description Only records kept at or after this time. */
        from?: string;
        /** @description Only records kept before this time. */
        to?: string;
        /** @description Only records in this state; open ones when left out. */
        state?: 'open' | 'normalized' | 'filtered' | 'discarded';
        /** @description Items in a page, 1 to 1,000. */
        limit?: number;
        /** @description The `next` of the page before. */
        cursor?: string;
      };
      header?: never;
      path: {
        project: string;
        pipeline: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Records of one pipeline that could not become rows; the newest first. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['QuarantinePage'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getProjectQuarantineRecordsRecord: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        record: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One quarantined record, whole. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['QuarantinedRecord'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postProjectQuarantineRetry: {
    parameters: {
      query?: never;
      header?: {
        /** @description The same key on the same route gives the first answer again, for 72 hours; with another body it is refused. */
        'idempotency-key'?: string;
      };
      path: {
        project: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['RetryBody'];
      };
    };
    responses: {
      /** @description Takes records through their steps again, with the current or a named version. */
      202: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['QuarantineTask'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      409: components['responses']['Problem409'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postProjectQuarantineDiscard: {
    parameters: {
      query?: never;
      header?: {
        /** @description The same key on the same route gives the first answer again, for 72 hours; with another body it is refused. */
        'idempotency-key'?: string;
      };
      path: {
        project: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['DiscardBody'];
      };
    };
    responses: {
      /** @description Takes records out of the quarantine for good, with a reason. */
      202: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['QuarantineTask'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      409: components['responses']['Problem409'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getProjectQuarantineTasksTask: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        task: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description How far a retry or discard has come. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['QuarantineTask'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getProjectQueries: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Lists saved queries, each as it is now. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SavedQueries'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getProjectQueriesQuery: {
    parameters: {
      query?: never;
      header?: {
        /** @description `*`: only when there is no such document yet. */
        'if-none-match'?: string;
        /** @description `application/json`, `application/x-ndjson`, `text/csv` or `application/vnd.apache.arrow.stream`. */
        accept?: string;
      };
      path: {
        project: string;
        query: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Answers a saved query; its parameters stand in the URL. 304 while neither it nor the data has changed. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SavedAnswer'];
          'application/x-ndjson': string;
          'text/csv': string;
          'application/vnd.apache.arrow.stream': string;
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  putProjectQueriesQuery: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        query: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['QueryDefinition'];
      };
    };
    responses: {
      /** @description Saves a question or a statement under a name; a change is a new version of it. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SavedQuery'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  deleteProjectQueriesQuery: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        query: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Removes a saved query. */
      204: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getProjectQueriesQueryDefinition: {
    parameters: {
      query?: {
        /** @description An earlier version; the newest when left out. */
        version?: number;
      };
      header?: never;
      path: {
        project: string;
        query: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What a saved query asks, now or in an earlier version. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SavedQuery'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getBackups: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Lists backups: those that are whole, and those under way. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['BackupStates'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postBackups: {
    parameters: {
      query?: never;
      header?: {
        /** @description The same key on the same route gives the first answer again, for 72 hours; with another body it is refused. */
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Begins a backup of Postgres, events, objects and keys while all goes on; the list says when it is whole. */
      202: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['BackupState'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      409: components['responses']['Problem409'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getProjectDatasetsDataset: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        dataset: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The columns of a dataset, and what tells its rows apart. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['DatasetDescription'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getProjectDatasetsDatasetRows: {
    parameters: {
      query?: {
        /** @description Rows in a page, 1 to 10,000; 1,000 when left out. */
        limit?: number;
        /** @description The `next` of the page before. */
        cursor?: string;
        /** @description The first time wanted: RFC 3339, a date or local time in `zone`, or as in now-24h. */
        from?: string;
        /** @description Before this time. */
        to?: string;
        /** @description Time zone of times that name none; UTC when left out. */
        zone?: string;
        /** @description The columns wanted, with commas between; all when left out. */
        columns?: string;
      };
      header?: never;
      path: {
        project: string;
        dataset: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Rows in the order of time and key, page by page. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RowPage'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getProjectDatasetsDatasetLast: {
    parameters: {
      query?: {
        /** @description The columns that make a series, with commas between; the key when left out. */
        by?: string;
        /** @description Series, 1 to 100,000; 1,000 when left out. */
        limit?: number;
        /** @description The first time wanted: RFC 3339, a date or local time in `zone`, or as in now-24h. */
        from?: string;
        /** @description Before this time. */
        to?: string;
        /** @description Time zone of times that name none; UTC when left out. */
        zone?: string;
        /** @description The columns wanted, with commas between; all when left out. */
        columns?: string;
      };
      header?: never;
      path: {
        project: string;
        dataset: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The newest value of each column, for each series; columns of json are left out. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['QueryReply'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postProjectDatasetsDatasetFind: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        dataset: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['FindBody'];
      };
    };
    responses: {
      /** @description Rows of one key, the newest first, each with the append that stored it. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['IdentifiedRows'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postProjectDatasetsDatasetImport: {
    parameters: {
      query?: {
        /** @description Names the import; the SHA-256 of the body when left out. */
        id?: string;
      };
      header?: {
        /** @description The same key on the same route gives the first answer again, for 72 hours; with another body it is refused. */
        'idempotency-key'?: string;
      };
      path: {
        project: string;
        dataset: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/x-ndjson': string | Uint8Array<ArrayBuffer>;
        'text/csv': string | Uint8Array<ArrayBuffer>;
        'application/vnd.apache.parquet': string | Uint8Array<ArrayBuffer>;
      };
    };
    responses: {
      /** @description Stores the rows of a file as they are, all or none; the same file or id again stores nothing more. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ImportReceipt'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      409: components['responses']['Problem409'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postProjectDatasetsDatasetErasures: {
    parameters: {
      query?: never;
      header?: {
        /** @description The same key on the same route gives the first answer again, for 72 hours; with another body it is refused. */
        'idempotency-key'?: string;
      };
      path: {
        project: string;
        dataset: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['EraseBody'];
      };
    };
    responses: {
      /** @description Deletes the rows of a subject for good, from rollups too; the same eraseId again deletes nothing more. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ErasureReceipt'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      409: components['responses']['Problem409'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getProjectDatasetsDatasetExport: {
    parameters: {
      query?: {
        /** @description ndjson, csv, arrow, parquet; ndjson when left out. */
        format?: 'ndjson' | 'csv' | 'arrow' | 'parquet';
        /** @description The first time wanted: RFC 3339, a date or local time in `zone`, or as in now-24h. */
        from?: string;
        /** @description Before this time. */
        to?: string;
        /** @description Time zone of times that name none; UTC when left out. */
        zone?: string;
        /** @description The columns wanted, with commas between; all when left out. */
        columns?: string;
      };
      header?: never;
      path: {
        project: string;
        dataset: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description All rows of a dataset, or of a range of it, of one moment. Leaves one audit entry. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/x-ndjson': string;
          'text/csv': string;
          'application/vnd.apache.arrow.stream': string;
          'application/vnd.apache.parquet': string;
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postProjectQueryExport: {
    parameters: {
      query?: {
        /** @description ndjson, csv, arrow, parquet; ndjson when left out. */
        format?: 'ndjson' | 'csv' | 'arrow' | 'parquet';
      };
      header?: never;
      path: {
        project: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ExportQueryBody'];
      };
    };
    responses: {
      /** @description All rows that a question comes to, of one moment. Leaves one audit entry. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/x-ndjson': string;
          'text/csv': string;
          'application/vnd.apache.arrow.stream': string;
          'application/vnd.apache.parquet': string;
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postProjectSqlExport: {
    parameters: {
      query?: {
        /** @description ndjson, csv, arrow, parquet; ndjson when left out. */
        format?: 'ndjson' | 'csv' | 'arrow' | 'parquet';
      };
      header?: never;
      path: {
        project: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ExportSqlBody'];
      };
    };
    responses: {
      /** @description All rows of one SELECT, of one moment. Leaves one audit entry. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/x-ndjson': string;
          'text/csv': string;
          'application/vnd.apache.arrow.stream': string;
          'application/vnd.apache.parquet': string;
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getProjectDatasetsDatasetArchives: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        dataset: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Archives and restores of a dataset, the newest first. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ArchiveWorks'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postProjectDatasetsDatasetArchives: {
    parameters: {
      query?: never;
      header?: {
        /** @description The same key on the same route gives the first answer again, for 72 hours; with another body it is refused. */
        'idempotency-key'?: string;
      };
      path: {
        project: string;
        dataset: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ArchiveBody'];
      };
    };
    responses: {
      /** @description Begins to copy the rows of a dataset, or of a range of it, to the object store. */
      202: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ArchiveWork'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      409: components['responses']['Problem409'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  deleteProjectDatasetsDatasetArchivesArchive: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        dataset: string;
        archive: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Begins to delete an archive, with all of its objects. No row of a dataset goes with it. */
      202: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ArchiveWork'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      409: components['responses']['Problem409'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postProjectDatasetsDatasetArchivesArchiveRestore: {
    parameters: {
      query?: never;
      header?: {
        /** @description The same key on the same route gives the first answer again, for 72 hours; with another body it is refused. */
        'idempotency-key'?: string;
      };
      path: {
        project: string;
        dataset: string;
        archive: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['RestoreBody'];
      };
    };
    responses: {
      /** @description Begins to store the rows of an archive; those that are there already are not stored again. */
      202: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ArchiveWork'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      409: components['responses']['Problem409'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getProjectLedger: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The books of every pipeline of a project, counted now. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Ledgers'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getProjectPipelinesPipelineLedger: {
    parameters: {
      query?: {
        /** @description The books of one version; of all together when left out. */
        version?: number;
      };
      header?: never;
      path: {
        project: string;
        pipeline: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The books of one pipeline, counted now. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Ledger'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getHealth: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Whether each service is ready, and what it waits for. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SystemHealth'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getAuditCheckpoint: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The log's head: size, root and signed note. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Checkpoint'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getAuditEntries: {
    parameters: {
      query?: {
        /** @description The first index wanted. */
        from?: number;
        /** @description Items in a page, 1 to 1,000. */
        limit?: number;
        /** @description The id of whoever did it. */
        actor?: string;
        /** @description An action, or with a `*` at its end all that begin so: `documents.*`. */
        action?: string;
        /** @description A target, or with a `*` at its end all that begin so: `Pipeline/default/*`. */
        target?: string;
        /** @description Within this project. */
        project?: string;
        /** @description succeeded, failed or denied. */
        outcome?: 'succeeded' | 'failed' | 'denied';
        /** @description Not before this time, RFC 3339. */
        since?: string;
        /** @description Before this time, RFC 3339. */
        until?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Entries in the order of the log, each as its exact leaf text, with what it withholds of persons. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['EntryPage'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getAuditEntriesIndexProof: {
    parameters: {
      query: {
        /** @description Size of the tree. */
        size: number;
      };
      header?: never;
      path: {
        index: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Proof that an entry is in the log of a given size (RFC 6962). */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Proof'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getAuditHashes: {
    parameters: {
      query?: {
        /** @description The first index wanted. */
        from?: number;
        /** @description Items in a page, 1 to 1,000. */
        limit?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The hashes of entries, in the order of the log: all that is left of those that were sealed. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Proof'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getAuditTilesLevelIndex: {
    parameters: {
      query?: {
        /** @description How many hashes: 256 when left out, fewer where a tree of the wanted size ends. */
        width?: number;
      };
      header?: never;
      path: {
        /** @description 0 to 6. */
        level: number;
        /** @description The tile begins with hash index * 256 of its level. */
        index: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A tile of the tree (C2SP tlog-tiles): hashes that lie side by side, each over 256^level leaves. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Proof'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getAuditConsistency: {
    parameters: {
      query: {
        /** @description Size of the earlier tree. */
        from: number;
        /** @description Size of the later tree. */
        to: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Proof that one size of the log is the beginning of another (RFC 6962). */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Proof'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postAuditKeys: {
    parameters: {
      query?: never;
      header?: {
        /** @description The same key on the same route gives the first answer again, for 72 hours; with another body it is refused. */
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Hands the log over to another signing key; an entry says so under a head of the key before. */
      201: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RotatedKey'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      409: components['responses']['Problem409'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  deleteAuditSubjectsSubject: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description An actor's kind and id, as in `user:0190...`. */
        subject: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Makes a person's data in the log unreadable for good. Every proof still holds. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ErasedSubject'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getAuditStream: {
    parameters: {
      query?: {
        /** @description The first index wanted; the end of the log when left out. */
        from?: number;
        /** @description Ends after so many entries. */
        limit?: number;
        /** @description The id of whoever did it. */
        actor?: string;
        /** @description An action, or with a `*` at its end all that begin so: `documents.*`. */
        action?: string;
        /** @description A target, or with a `*` at its end all that begin so: `Pipeline/default/*`. */
        target?: string;
        /** @description Within this project. */
        project?: string;
        /** @description succeeded, failed or denied. */
        outcome?: 'succeeded' | 'failed' | 'denied';
        /** @description Not before this time, RFC 3339. */
        since?: string;
        /** @description Before this time, RFC 3339. */
        until?: string;
      };
      header?: {
        'last-event-id'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Entries as they are appended, as server-sent events: `entry`, whose id is its index. `Last-Event-ID` goes on behind one, and none is lost or comes twice. Ends with `problem` when it cannot go on. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'text/event-stream': string;
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postSetup: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['BootstrapToken'];
      };
    };
    responses: {
      /** @description Exchanges the one-time setup token for the first admin key. */
      201: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['CreatedKey'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getWhoami: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Who the credential stands for, and what it holds. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['WhoAmI'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getKeys: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Lists API keys, without their secrets. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ApiKeys'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postKeys: {
    parameters: {
      query?: never;
      header?: {
        /** @description The same key on the same route gives the first answer again, for 72 hours; with another body it is refused. */
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['KeyBody'];
      };
    };
    responses: {
      /** @description Makes an API key. Its text is shown here once and never again. */
      201: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['CreatedKey'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      409: components['responses']['Problem409'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postKeysKeyRotate: {
    parameters: {
      query?: never;
      header?: {
        /** @description The same key on the same route gives the first answer again, for 72 hours; with another body it is refused. */
        'idempotency-key'?: string;
      };
      path: {
        key: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['RotateBody'];
      };
    };
    responses: {
      /** @description Makes a new key in the place of another, which goes on for the overlap. */
      201: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['CreatedKey'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      409: components['responses']['Problem409'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  deleteKeysKey: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        key: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Revokes an API key; it stops working within 5 s. */
      204: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postLogin: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['LoginBody'];
      };
    };
    responses: {
      /** @description Logs a person in by password, and by a code for who has a second factor (`login.second_factor` asks for it). */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SessionAnswer'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postLoginPasskeyOptions: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Begins a login by passkey. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['PasskeyCeremony'];
        };
      };
      400: components['responses']['Problem400'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postLoginPasskey: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['PasskeyLoginBody'];
      };
    };
    responses: {
      /** @description Logs a person in by passkey. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SessionAnswer'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postSessionRefresh: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['RefreshBody'];
      };
    };
    responses: {
      /** @description A new access token for a refresh token, which is used up and followed by another. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SessionAnswer'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postLogout: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['RefreshBody'];
      };
    };
    responses: {
      /** @description Ends the session of a refresh token. */
      204: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getLoginOidcProvider: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        provider: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Sends the browser to an identity provider to log in. */
      302: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      404: components['responses']['Problem404'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getLoginOidcProviderCallback: {
    parameters: {
      query?: {
        /** @description Of the provider. */
        code?: string;
        /** @description Of the login. */
        state?: string;
        /** @description The issuer (RFC 9207). */
        iss?: string;
        /** @description Of the provider. */
        session_state?: string;
        /** @description What was granted. */
        scope?: string;
        /** @description Why not. */
        error?: string;
        /** @description Why not, in words. */
        error_description?: string;
        /** @description Where more is said of it. */
        error_uri?: string;
      };
      header?: never;
      path: {
        provider: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Where an identity provider sends the browser back to; the session is put into cookies. */
      302: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      404: components['responses']['Problem404'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getLoginOidcProviderLogout: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        provider: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Where to send the browser to log out at an identity provider too; nothing where it has no such place. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['LogoutUrl'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      404: components['responses']['Problem404'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  'get-.wellKnownJwks.json': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The keys that access tokens are signed by (RFC 7517). */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['KeySet'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getMeSessions: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Your sessions, the latest used first. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SessionList'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  deleteMeSessionsSession: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        session: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Ends one of your sessions, within 5 s everywhere. */
      204: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  putMePassword: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['PasswordBody'];
      };
    };
    responses: {
      /** @description Changes your password; ends all of your sessions. */
      204: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postMeTotp: {
    parameters: {
      query?: never;
      header?: {
        /** @description The same key on the same route gives the first answer again, for 72 hours; with another body it is refused. */
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ProofBody'];
      };
    };
    responses: {
      /** @description A secret for an authenticator app (RFC 6238), in force once a code of it was seen. Takes a login within ten minutes, or your password. */
      201: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TotpEnrolment'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      409: components['responses']['Problem409'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postMeTotpConfirm: {
    parameters: {
      query?: never;
      header?: {
        /** @description The same key on the same route gives the first answer again, for 72 hours; with another body it is refused. */
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['CodeBody'];
      };
    };
    responses: {
      /** @description Puts the second factor in force; gives recovery codes, this once. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RecoveryCodes'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      409: components['responses']['Problem409'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postMeTotpRemove: {
    parameters: {
      query?: never;
      header?: {
        /** @description The same key on the same route gives the first answer again, for 72 hours; with another body it is refused. */
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['CodeBody'];
      };
    };
    responses: {
      /** @description Takes the second factor off, with a code of it or a recovery code. */
      204: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      409: components['responses']['Problem409'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getMePasskeys: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Your passkeys. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['PasskeyList'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postMePasskeys: {
    parameters: {
      query?: never;
      header?: {
        /** @description The same key on the same route gives the first answer again, for 72 hours; with another body it is refused. */
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['PasskeyBody'];
      };
    };
    responses: {
      /** @description Adds a passkey. */
      201: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['PasskeyView'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      409: components['responses']['Problem409'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postMePasskeysOptions: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ProofBody'];
      };
    };
    responses: {
      /** @description Begins the adding of a passkey. Takes a login within ten minutes, or your password. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['PasskeyCeremony'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postMePasskeysPasskeyRemove: {
    parameters: {
      query?: never;
      header?: {
        /** @description The same key on the same route gives the first answer again, for 72 hours; with another body it is refused. */
        'idempotency-key'?: string;
      };
      path: {
        passkey: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ProofBody'];
      };
    };
    responses: {
      /** @description Removes a passkey. Takes a login within ten minutes, or your password. */
      204: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      409: components['responses']['Problem409'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getUsers: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Lists users. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['UserList'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postUsers: {
    parameters: {
      query?: never;
      header?: {
        /** @description The same key on the same route gives the first answer again, for 72 hours; with another body it is refused. */
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['CreateUser'];
      };
    };
    responses: {
      /** @description Makes a user, who may nothing until a role is bound to them. */
      201: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['UserView'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      409: components['responses']['Problem409'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  deleteUsersUser: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        user: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Deletes a user; their sessions end within 5 s. */
      204: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  patchUsersUser: {
    parameters: {
      query?: never;
      header?: {
        /** @description The same key on the same route gives the first answer again, for 72 hours; with another body it is refused. */
        'idempotency-key'?: string;
      };
      path: {
        user: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['UserBody'];
      };
    };
    responses: {
      /** @description Changes a user: disables, renames, sets a password. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['UserView'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      409: components['responses']['Problem409'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getGroups: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Lists groups with who is in them. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['GroupList'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  putGroupsGroup: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        group: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['GroupBody'];
      };
    };
    responses: {
      /** @description Makes a group, or says anew who is in it. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['GroupView'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  deleteGroupsGroup: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        group: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Deletes a group; what was bound to it is gone within 5 s. */
      204: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getIdentityProviders: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Lists the OpenID providers that people may log in by. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ProviderList'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  putIdentityProvidersProvider: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        provider: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ProviderBody'];
      };
    };
    responses: {
      /** @description Sets an OpenID provider up. Its client secret is kept sealed and never given. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ProviderView'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  deleteIdentityProvidersProvider: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        provider: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Deletes an OpenID provider; those who came by it cannot log in by it any more. */
      204: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getProjectServiceAccounts: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Lists a project's service accounts. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['AccountList'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  putProjectServiceAccountsAccount: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        account: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['AccountBody'];
      };
    };
    responses: {
      /** @description Makes a service account, which holds nothing until a role is bound to it. */
      201: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['AccountView'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      409: components['responses']['Problem409'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  deleteProjectServiceAccountsAccount: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        account: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Deletes a service account; its keys stop within 5 s. */
      204: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getProjectServiceAccountsAccountKeys: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        account: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Lists the keys of a service account, without their secrets. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ApiKeys'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postProjectServiceAccountsAccountKeys: {
    parameters: {
      query?: never;
      header?: {
        /** @description The same key on the same route gives the first answer again, for 72 hours; with another body it is refused. */
        'idempotency-key'?: string;
      };
      path: {
        project: string;
        account: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['AccountKeyBody'];
      };
    };
    responses: {
      /** @description Makes a key for a service account. Its text is shown here once and never again. */
      201: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['CreatedKey'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      409: components['responses']['Problem409'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postProjectServiceAccountsAccountKeysKeyRotate: {
    parameters: {
      query?: never;
      header?: {
        /** @description The same key on the same route gives the first answer again, for 72 hours; with another body it is refused. */
        'idempotency-key'?: string;
      };
      path: {
        project: string;
        account: string;
        key: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['RotateBody'];
      };
    };
    responses: {
      /** @description Makes a new key in the place of another, which goes on for the overlap. */
      201: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['CreatedKey'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      409: components['responses']['Problem409'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  deleteProjectServiceAccountsAccountKeysKey: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        account: string;
        key: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Revokes a key of a service account; it stops working within 5 s. */
      204: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getRoles: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Lists the roles of the system as a whole, built-in ones first. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RoleList'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  putRolesRole: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        role: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['RoleBody'];
      };
    };
    responses: {
      /** @description Makes or changes a role; in force within 5 s. Nobody gives a role what they do not hold themselves. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RoleView'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      409: components['responses']['Problem409'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  deleteRolesRole: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        role: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Deletes a role that nothing binds. */
      204: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      409: components['responses']['Problem409'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getBindings: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Lists the role bindings of the system as a whole. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['BindingList'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  putBindingsBinding: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        binding: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['BindingBody'];
      };
    };
    responses: {
      /** @description Binds a role to users, groups and service accounts; in force within 5 s. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['BindingView'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  deleteBindingsBinding: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        binding: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Deletes a role binding; what it gave is gone within 5 s. */
      204: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getProjectRoles: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Lists a project's roles, built-in ones first. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RoleList'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  putProjectRolesRole: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        role: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['RoleBody'];
      };
    };
    responses: {
      /** @description Makes or changes a role; in force within 5 s. Nobody gives a role what they do not hold themselves. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RoleView'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      409: components['responses']['Problem409'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  deleteProjectRolesRole: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        role: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Deletes a role that nothing binds. */
      204: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      409: components['responses']['Problem409'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getProjectBindings: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Lists a project's role bindings. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['BindingList'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  putProjectBindingsBinding: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        binding: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['BindingBody'];
      };
    };
    responses: {
      /** @description Binds a role to users, groups and service accounts; in force within 5 s. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['BindingView'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  deleteProjectBindingsBinding: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        binding: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Deletes a role binding; what it gave is gone within 5 s. */
      204: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getAccessCanI: {
    parameters: {
      query: {
        /** @description As `pipelines:write`. */
        permission:
          | 'pipelines:read'
          | 'pipelines:write'
          | 'runs:read'
          | 'runs:write'
          | 'events:write'
          | 'data:read'
          | 'queries:read'
          | 'queries:write'
          | 'data:write'
          | 'data:erase'
          | 'quarantine:read'
          | 'quarantine:write'
          | 'ledger:read'
          | 'audit:read'
          | 'audit:erase'
          | 'audit:rotate'
          | 'keys:read'
          | 'keys:write'
          | 'secrets:read'
          | 'secrets:write'
          | 'roles:read'
          | 'roles:write'
          | 'users:read'
          | 'users:write'
          | 'system:read'
          | 'system:backup';
        /** @description Where; the system as a whole when left out. */
        project?: string;
        /** @description Of the one thing that it is about. */
        name?: string;
        /** @description Whom it is about: `user:NAME`, `account:PROJECT/NAME`, `key:ID` or `role:NAME@PROJECT`; the caller itself when left out. */
        as?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Whether somebody may do something, and why: each grant and what came of it. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Decision'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getAccessWhoCan: {
    parameters: {
      query: {
        /** @description As `pipelines:write`. */
        permission:
          | 'pipelines:read'
          | 'pipelines:write'
          | 'runs:read'
          | 'runs:write'
          | 'events:write'
          | 'data:read'
          | 'queries:read'
          | 'queries:write'
          | 'data:write'
          | 'data:erase'
          | 'quarantine:read'
          | 'quarantine:write'
          | 'ledger:read'
          | 'audit:read'
          | 'audit:erase'
          | 'audit:rotate'
          | 'keys:read'
          | 'keys:write'
          | 'secrets:read'
          | 'secrets:write'
          | 'roles:read'
          | 'roles:write'
          | 'users:read'
          | 'users:write'
          | 'system:read'
          | 'system:backup';
        /** @description Where. */
        project?: string;
        /** @description Of the one thing that it is about. */
        name?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Everybody who may do something, and by what. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['AbleList'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postAccessSimulate: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['SimulateBody'];
      };
    };
    responses: {
      /** @description What a change of roles or bindings would have denied of what was done; changes nothing. Takes audit:read too. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Simulated'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  getProjectSecrets: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Lists secrets: all but their values, which no route gives. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SecretList'];
        };
      };
      /** @description What If-None-Match names is still so. */
      304: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          etag: components['headers']['etag'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  putProjectSecretsSecret: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        secret: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['SecretBody'];
      };
    };
    responses: {
      /** @description Sets a secret, or gives it another value; in use within a minute. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SecretView'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      422: components['responses']['Problem422'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  deleteProjectSecretsSecret: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project: string;
        secret: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Deletes a secret; out of use within a minute. */
      204: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      404: components['responses']['Problem404'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
  postSecretsRotate: {
    parameters: {
      query?: never;
      header?: {
        /** @description The same key on the same route gives the first answer again, for 72 hours; with another body it is refused. */
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Wraps the data key of every secret by the current master key; secrets stay readable meanwhile. */
      200: {
        headers: {
          'x-request-id': components['headers']['x-request-id'];
          ratelimit: components['headers']['ratelimit'];
          'ratelimit-policy': components['headers']['ratelimit-policy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RotatedSecrets'];
        };
      };
      400: components['responses']['Problem400'];
      401: components['responses']['Problem401'];
      403: components['responses']['Problem403'];
      409: components['responses']['Problem409'];
      413: components['responses']['Problem413'];
      415: components['responses']['Problem415'];
      429: components['responses']['Problem429'];
      503: components['responses']['Problem503'];
      504: components['responses']['Problem504'];
    };
  };
}
