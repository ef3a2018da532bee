import type { CompatibilityMode } from './compatibility/modes';
import type { JsonSchema } from './json-schema';
import type { PipelineTest } from './pipeline-test';
import type { ConnectionPlace } from './resolve-source';
import type { RollupSpec } from './rollup';
import type { Hook } from './hook';
import type { Schedule } from './schedule';
import type { Source } from './source';
import type { Step } from './step';
import type { Store } from './store';

/** The envelope that every document carries. */
export interface Metadata {
  readonly name: string;
  readonly project: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface PipelineDocument {
  readonly apiVersion: 'chartly.io/v1';
  readonly kind: 'Pipeline';
  readonly metadata: Metadata;
  readonly spec: PipelineSpec;
}

export interface SchemaDocument {
  readonly apiVersion: 'chartly.io/v1';
  readonly kind: 'Schema';
  readonly metadata: Metadata;
  readonly spec: {
    readonly version: number;
    readonly jsonSchema: JsonSchema;
    /** What a new version must keep of those before it; that of the version before when left out. */
    readonly compatibility?: CompatibilityMode;
  };
}

export interface ConnectionDocument {
  readonly apiVersion: 'chartly.io/v1';
  readonly kind: 'Connection';
  readonly metadata: Metadata;
  readonly spec: ConnectionPlace;
}

export type Document = PipelineDocument | SchemaDocument | ConnectionDocument;
export type DocumentKind = Document['kind'];
export const DOCUMENT_KINDS = ['Schema', 'Connection', 'Pipeline'] as const satisfies readonly DocumentKind[];

export type { JsonSchema };

export interface PipelineSpec {
  /** When the source is pulled; a pipeline without one is pulled only by hand, or takes pushes alone. */
  readonly schedule?: Schedule;
  /** Where data is pulled from; without one the pipeline takes pushes alone. */
  readonly source?: Source;
  /** Who may send to the pipeline's webhook; without it there is none. */
  readonly hook?: Hook;
  readonly steps: readonly Step[];
  readonly store: Store;
  readonly rollups?: readonly RollupSpec[];
  /** How long raw batches are kept to be replayed and looked up, from when they came: a duration or `none`. */
  readonly keepRaw?: string;
  readonly tests?: readonly PipelineTest[];
}
