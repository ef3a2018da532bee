import { PipelineDocument } from '#libs/documents/pipeline';
import { placesOf } from '#libs/documents/source';

/** Whether a pipeline's source names a connection. */
export const pullsFrom = ({ spec }: PipelineDocument, connection: string): boolean =>
  spec.source !== undefined && placesOf(spec.source).some(({ url }) => url.startsWith(`\${connection.${connection}}`));

/** Whether a pipeline validates against any version of a schema. */
export const validatesAgainst = ({ spec }: PipelineDocument, schema: string): boolean =>
  spec.steps.some(({ validate }) => validate?.schema.startsWith(`${schema}@`));
