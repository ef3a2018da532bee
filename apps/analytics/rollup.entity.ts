import { Column, Entity, PrimaryColumn } from 'typeorm';
import { RollupDef } from '#libs/contracts/analytics.contract';

/** A rollup of a project, as the pipeline's version that made it says. */
@Entity({ schema: 'analytics', name: 'rollups' })
export class Rollup {
  @PrimaryColumn('text') project: string;
  @PrimaryColumn('text') name: string;
  @Column('text') pipeline: string;
  @Column('int') version: number;
  @Column('text') dataset: string;
  @Column('jsonb') definition: RollupDef;
}
