import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The one-time token of the setup link: one use, one hour (rule 22). */
@Entity({ schema: 'auth', name: 'setup_tokens' })
export class SetupToken {
  @PrimaryColumn('bytea', { name: 'secret_hash' }) secretHash: Buffer;
  @Column('timestamptz', { name: 'expires_at' }) expiresAt: Date;
  @Column('timestamptz', { name: 'used_at', nullable: true }) usedAt: Date | null;
}
