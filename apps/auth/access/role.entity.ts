import { Column, Entity, PrimaryColumn } from 'typeorm';
import { Rule } from '#libs/contracts/principal';

@Entity({ schema: 'auth', name: 'roles' })
export class Role {
  /** A project, or `*`. */
  @PrimaryColumn('text') scope: string;
  @PrimaryColumn('text') name: string;
  @Column('text') description: string;
  @Column('jsonb') rules: Rule[];
  @Column('timestamptz', { name: 'changed_at' }) changedAt: Date;
  @Column('text', { name: 'changed_by' }) changedBy: string;
}
