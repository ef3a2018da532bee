import { Column, Entity, PrimaryColumn } from 'typeorm';
import { InstallSteps } from '#libs/contracts/steps';

/** A pipeline version as it was installed; kept for good, since a batch of it may come however late. */
@Entity({ schema: 'normalizer', name: 'versions' })
export class InstalledVersion {
  @PrimaryColumn('text') project: string;
  @PrimaryColumn('text') pipeline: string;
  @PrimaryColumn('int') version: number;
  @Column('jsonb') steps: InstallSteps;
}
