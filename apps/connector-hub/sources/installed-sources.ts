import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { InstallSource } from '#libs/contracts/connector-hub.contract';
import { PipelineName, PipelineRef } from '#libs/contracts/pipeline-ref';
import { keepRawMs } from '#libs/documents/keep-raw';
import { NotFound } from '#libs/errors/errors';
import type { Source } from '#libs/documents/source';

/** The versions of pipelines that were installed here, and for each pipeline the one that new data belongs to. */
@Injectable()
export class InstalledSources {
  constructor(private readonly database: DataSource) {}

  /** New data belongs to this version from now on, be it newer or, after a rollback, older than the one before. */
  async install(request: InstallSource): Promise<void> {
    const { project, pipeline, version, source, hook, keepRawMs: kept = keepRawMs() } = request;
    const json = (value: object | undefined): string | null => (value ? JSON.stringify(value) : null);
    await this.database.query(INSTALL, [project, pipeline, version, json(source), kept, json(hook)]);
  }

  /** Removing what is not there changes nothing. */
  async remove({ project, pipeline }: PipelineName): Promise<void> {
    await this.database.query(REMOVE, [project, pipeline]);
  }

  /** Where a version pulls from. Throws NotFound `pipeline.unknown` or `pipeline.no_source`. */
  async sourceOf({ project, pipeline, version }: PipelineRef): Promise<Source> {
    const [row] = await this.database.query<{ source: Source | null; removed: boolean }[]>(SOURCE_OF, [
      project,
      pipeline,
      version,
    ]);
    if (!row || row.removed) {
      throw new NotFound(
        'pipeline.unknown',
        row
          ? `The pipeline "${pipeline}" of the project "${project}" was removed and takes no more data. Apply it again first.`
          : `Version ${version} of the pipeline "${pipeline}" in the project "${project}" is not installed here. Apply it first.`,
      );
    }
    if (!row.source) {
      throw new NotFound(
        'pipeline.no_source',
        `Version ${version} of the pipeline "${pipeline}" has no source to pull from: it takes pushes only.`,
      );
    }
    return row.source;
  }
}

const INSTALL = `
  WITH version AS (
    INSERT INTO connector_hub.sources (project, pipeline, version, source, keep_raw_ms, hook)
    VALUES ($1, $2, $3, $4::jsonb, $5, $6::jsonb)
    ON CONFLICT (project, pipeline, version) DO UPDATE
    SET source = excluded.source, keep_raw_ms = excluded.keep_raw_ms, hook = excluded.hook
  )
  INSERT INTO connector_hub.pipelines (project, pipeline, version)
  VALUES ($1, $2, $3)
  ON CONFLICT (project, pipeline) DO UPDATE SET version = excluded.version, removed_at = NULL`;

const REMOVE = `
  UPDATE connector_hub.pipelines
  SET removed_at = clock_timestamp()
  WHERE project = $1 AND pipeline = $2 AND removed_at IS NULL`;

const SOURCE_OF = `
  SELECT s.source, p.removed_at IS NOT NULL AS removed
  FROM connector_hub.sources s
  JOIN connector_hub.pipelines p USING (project, pipeline)
  WHERE s.project = $1 AND s.pipeline = $2 AND s.version = $3`;
