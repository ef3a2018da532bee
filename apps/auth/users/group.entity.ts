import { Column, Entity, PrimaryColumn } from 'typeorm';
import { Origin } from './user.entity';

@Entity({ schema: 'auth', name: 'groups' })
export class Group {
  @PrimaryColumn('uuid') id: string;
  @Column('text') name: string;
  @Column('text') origin: Origin;
  @Column('text', { name: 'external_id', nullable: true }) externalId: string | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
  @Column('timestamptz', { name: 'changed_at' }) changedAt: Date;
}
