import { IsObject } from 'class-validator';
import { IsBytes } from './fields';
import { PipelineName } from './pipeline-ref';

/** A call of a pipeline's hook, as it came. */
export class HookDelivery extends PipelineName {
  /** By lower-case name; credentials of ours are never among them. */
  @IsObject() headers: Readonly<Record<string, string>>;
  @IsBytes() body: Uint8Array;
}
