import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Something of our own that must not be read from the database: a signing key, a TOTP secret, a client's secret. */
@Entity({ schema: 'auth', name: 'sealed_values' })
export class SealedValue {
  @PrimaryColumn('text') id: string;
  @Column('bytea') sealed: Buffer;
  @Column('bytea', { name: 'wrapped_key' }) wrappedKey: Buffer;
  @Column('text', { name: 'key_id' }) keyId: string;
}
