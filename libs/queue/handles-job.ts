import { SetMetadata } from '@nestjs/common';
import { Ctor } from '#libs/contracts/contract';

export const HANDLES_JOB = 'chartly:handles-job';

export interface JobHandler {
  readonly job: Ctor;
  /** Jobs of this queue that a process works on at once; a function of configuration where that decides. */
  readonly concurrency: number;
}

/** Marks the method that does a job. It gets the job as its own class, validated. */
export const HandlesJob = (job: Ctor, { concurrency = 1 }: { concurrency?: number } = {}): MethodDecorator =>
  SetMetadata(HANDLES_JOB, { job, concurrency } satisfies JobHandler);
