import { Column, Entity, PrimaryColumn } from 'typeorm';
import { SecretProvider } from '#libs/contracts/auth-secrets';

@Entity({ schema: 'auth', name: 'secrets' })
export class Secret {
  @PrimaryColumn('text') project: string;
  @PrimaryColumn('text') name: string;
  @Column('text') provider: SecretProvider;
  @Column('int') version: number;
  /** Of the provider `own`: the value under a data key of its own, and that key under a master key. */
  @Column('bytea', { nullable: true }) sealed: Buffer | null;
  @Column('bytea', { name: 'wrapped_key', nullable: true }) wrappedKey: Buffer | null;
  @Column('text', { name: 'key_id', nullable: true }) keyId: string | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
  @Column('timestamptz', { name: 'changed_at' }) changedAt: Date;
  @Column('text', { name: 'changed_by' }) changedBy: string;
  @Column('timestamptz', { name: 'last_used_at', nullable: true }) lastUsedAt: Date | null;
}
