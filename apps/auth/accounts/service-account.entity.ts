import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A machine's identity: it belongs to a project, holds what is bound to it, and acts by its keys. */
@Entity({ schema: 'auth', name: 'service_accounts' })
export class ServiceAccount {
  @PrimaryColumn('uuid') id: string;
  @Column('text') project: string;
  @Column('text') name: string;
  @Column('text') description: string;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
}
