import { PipelineDocument } from '#libs/documents/pipeline';
import { addressOf } from '#libs/documents/source';

/** Whether a pipeline's source names a connection. */
export const pullsFrom = ({ spec }: PipelineDocument, connection: string): boolean =>
  (spec.source && addressOf(spec.source)?.startsWith(`\${connection.${connection}}`)) ?? false;

/** Whether a pipeline validates against any version of a schema. */
export const validatesAgainst = ({ spec }: PipelineDocument, schema: string): boolean =>
  spec.steps.some(({ validate }) => validate?.schema.startsWith(`${schema}@`));
