import { Column, Entity, PrimaryColumn } from 'typeorm';
import { SubjectKind } from '#libs/contracts/auth-roles';

/** Whom a binding means: the id binds, so that a later thing of the same name inherits nothing. */
export interface BoundSubject {
  readonly kind: SubjectKind;
  readonly id: string;
  readonly name: string;
}

@Entity({ schema: 'auth', name: 'role_bindings' })
export class RoleBinding {
  /** A project, or `*`. */
  @PrimaryColumn('text') scope: string;
  @PrimaryColumn('text') name: string;
  @Column('text') role: string;
  /** Where the role stands; null for a built-in one. */
  @Column('text', { name: 'role_scope', nullable: true }) roleScope: string | null;
  @Column('jsonb') subjects: BoundSubject[];
  @Column('uuid', { name: 'subject_ids', array: true }) subjectIds: string[];
  @Column('timestamptz', { name: 'changed_at' }) changedAt: Date;
  @Column('text', { name: 'changed_by' }) changedBy: string;
}
