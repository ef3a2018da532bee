import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A pipeline whose books are kept. One that was removed stays, inactive: its rows still stand in its dataset. */
@Entity({ schema: 'observer', name: 'watched' })
export class WatchedPipeline {
  @PrimaryColumn('text') project: string;
  @PrimaryColumn('text') pipeline: string;
  @Column('int') version: number;
  @Column('text') dataset: string;
  @Column('boolean') active: boolean;
}
