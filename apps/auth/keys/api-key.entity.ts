import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { RoleName, Scope } from '#libs/contracts/principal';
import { ServiceAccount } from '../accounts/service-account.entity';

@Entity({ schema: 'auth', name: 'api_keys' })
export class ApiKey {
  @PrimaryColumn('uuid') id: string;
  @Column('text') name: string;
  /** What the key holds itself; null for one that acts for a service account. */
  @Column('text', { nullable: true }) role: RoleName | null;
  /** One project, or `*` for all. */
  @Column('text', { nullable: true }) project: string | null;
  @Column('uuid', { name: 'account_id', nullable: true }) accountId: string | null;
  @ManyToOne(() => ServiceAccount, { nullable: true })
  @JoinColumn({ name: 'account_id' })
  account?: ServiceAccount | null;
  @Column('jsonb', { nullable: true }) scope: Scope | null;
  @Column('bytea', { name: 'secret_hash' }) secretHash: Buffer;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
  @Column('timestamptz', { name: 'expires_at' }) expiresAt: Date;
  @Column('timestamptz', { name: 'revoked_at', nullable: true }) revokedAt: Date | null;
  @Column('timestamptz', { name: 'last_used_at', nullable: true }) lastUsedAt: Date | null;
}
