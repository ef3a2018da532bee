import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Who made a user or group: we, a login by single sign-on, or a directory by SCIM. */
export type Origin = 'own' | 'oidc' | 'scim';

@Entity({ schema: 'auth', name: 'users' })
export class User {
  @PrimaryColumn('uuid') id: string;
  /** In small letters; what a person logs in with. */
  @Column('text') name: string;
  @Column('text', { name: 'display_name' }) displayName: string;
  @Column('text', { nullable: true }) email: string | null;
  @Column('text') state: 'active' | 'disabled';
  @Column('text') origin: Origin;
  /** Rule 19: who somebody is at an identity provider is (issuer, subject), never a name or an address. */
  @Column('text', { nullable: true }) issuer: string | null;
  @Column('text', { nullable: true }) subject: string | null;
  @Column('text', { name: 'external_id', nullable: true }) externalId: string | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
  @Column('timestamptz', { name: 'changed_at' }) changedAt: Date;
  @Column('timestamptz', { name: 'last_login_at', nullable: true }) lastLoginAt: Date | null;
}
