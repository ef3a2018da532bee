import { Injectable } from '@nestjs/common';
import { DatasetRef } from '#libs/contracts/columns';
import { RowsAppended } from '#libs/contracts/jobs';
import { JobQueue } from '#libs/queue/job-queue';

/** Appends within this time are told of once. Unit: milliseconds. */
const QUIET_MS = 1_000;

/** Tells analytics that rows came. Only a hint: what is dirty stands in the store. */
@Injectable()
export class AppendNews {
  private readonly toldAt = new Map<string, number>();

  constructor(private readonly jobs: JobQueue) {}

  tell({ project, dataset }: DatasetRef): void {
    const name = `${project}/${dataset}`;
    const now = Date.now();
    if (now - (this.toldAt.get(name) ?? 0) < QUIET_MS) return;
    this.toldAt.set(name, now);
    const job = Object.assign(new RowsAppended(), { project, dataset });
    this.jobs.hint(job, { jobId: `rows-${project}-${dataset}`, delayMs: QUIET_MS });
  }
}
