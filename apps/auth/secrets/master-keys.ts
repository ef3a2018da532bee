import { Unavailable } from '#libs/errors/errors';

/** A data key as it may be stored: useless without the master key of that id. */
export interface WrappedKey {
  readonly keyId: string;
  readonly bytes: Buffer;
}

/** The keys that wrap data keys. The data key that was wrapped under one `aad` unwraps under that one alone. */
export abstract class MasterKeys {
  /** The id of the key that wraps from now on. Throws Unavailable `secrets.no_master_key` where there is none. */
  abstract currentId(): Promise<string>;
  abstract wrap(dataKey: Buffer, aad: Buffer): Promise<WrappedKey>;
  /** Takes keys of every id that is still given. Throws Unavailable `secrets.unknown_master_key` for another. */
  abstract unwrap(wrapped: WrappedKey, aad: Buffer): Promise<Buffer>;
}

/** Where nobody gave a master key: secrets of the providers env, file and vault work, our own store does not. */
export class NoMasterKeys extends MasterKeys {
  override currentId(): Promise<string> {
    return Promise.reject(
      new Unavailable(
        'secrets.no_master_key',
        'Auth has no master key to seal secrets with. Give it one with CHARTLY_MASTER_KEY, CHARTLY_MASTER_KEY_FILE or CHARTLY_MASTER_KEY_COMMAND, or keep the secret in env, file or vault.',
      ),
    );
  }

  override async wrap(): Promise<WrappedKey> {
    await this.currentId();
    throw new TypeError('There is no master key.');
  }

  override unwrap({ keyId }: WrappedKey): Promise<Buffer> {
    return Promise.reject(unknownMasterKey(keyId));
  }
}

export const unknownMasterKey = (keyId: string): Unavailable =>
  new Unavailable(
    'secrets.unknown_master_key',
    `The secret is wrapped by the master key ${keyId}, which auth was not given. Give it beside the new one until "chartly secret rotate" is complete.`,
  );
