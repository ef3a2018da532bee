import 'reflect-metadata';
import { Ctor, ServiceName } from './contract';

export interface JobMeta {
  /** The queue belongs to the service that does the job. */
  readonly queue: ServiceName;
  readonly name: string;
}

const JOB = Symbol('chartly:job');

/** Declares a class as the payload of a job: ids only, never data (rule 2). */
export const Job =
  (meta: JobMeta): ClassDecorator =>
  (target) =>
    Reflect.defineMetadata(JOB, meta, target);

/** The queue and name of a job class. Throws for a class that is not one: a programming error. */
export function jobMeta(job: Ctor): JobMeta {
  const meta: JobMeta | undefined = Reflect.getMetadata(JOB, job);
  if (!meta) throw new TypeError(`${job.name} is not a job: it lacks @Job(...).`);
  return meta;
}
