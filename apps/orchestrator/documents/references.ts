import { PipelineDocument } from '#libs/documents/pipeline';

/** Whether a pipeline's source names a connection. */
export const pullsFrom = ({ spec }: PipelineDocument, connection: string): boolean =>
  spec.source?.http.url.startsWith(`\${connection.${connection}}`) ?? false;

/** Whether a pipeline validates against any version of a schema. */
export const validatesAgainst = ({ spec }: PipelineDocument, schema: string): boolean =>
  spec.steps.some(({ validate }) => validate?.schema.startsWith(`${schema}@`));
