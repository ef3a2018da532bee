import { createHash } from 'node:crypto';
import { Unavailable } from '#libs/errors/errors';
import { KEY_BYTES, open, seal } from './envelope';
import { MasterKeys, unknownMasterKey, WrappedKey } from './master-keys';

const ID_CHARS = 16;

interface RingKey {
  readonly id: string;
  readonly key: Buffer;
}

/**
 * Master keys in a text: one or several of 32 bytes in base64, with commas or line ends between. The first wraps, all
 * unwrap. The text is read anew at every use, so that a mounted file that changes needs no restart.
 */
export class KeyRing extends MasterKeys {
  constructor(private readonly read: () => Promise<string>) {
    super();
  }

  override async currentId(): Promise<string> {
    return (await this.current()).id;
  }

  override async wrap(dataKey: Buffer, aad: Buffer): Promise<WrappedKey> {
    const { id, key } = await this.current();
    return { keyId: id, bytes: seal(key, dataKey, aad) };
  }

  override async unwrap({ keyId, bytes }: WrappedKey, aad: Buffer): Promise<Buffer> {
    const ring = readKeyRing(await this.read());
    const found = ring?.find(({ id }) => id === keyId);
    if (!found) throw unknownMasterKey(keyId);
    return open(found.key, bytes, aad);
  }

  private async current(): Promise<RingKey> {
    const [first] = readKeyRing(await this.read()) ?? [];
    if (first) return first;
    throw new Unavailable(
      'secrets.master_key_malformed',
      'The master key is not 32 bytes in base64, or several with commas or line ends between. Make one with: openssl rand -base64 32',
    );
  }
}

/** The keys in a text; undefined when one of them is not 32 bytes in base64, or there is none. */
function readKeyRing(text: string): RingKey[] | undefined {
  const parts = text.split(/[\s,]+/).filter((part) => part !== '');
  const keys = parts.map((part) => Buffer.from(part, 'base64'));
  const wellFormed = parts.every((part, at) => /^[A-Za-z0-9+/_-]{43}=?$/.test(part) && keys[at]!.length === KEY_BYTES);
  if (keys.length === 0 || !wellFormed) return undefined;
  return keys.map((key) => ({ id: idOf(key), key }));
}

/** Names a key without telling it. */
const idOf = (key: Buffer): string =>
  createHash('sha256').update('chartly.master-key\0').update(key).digest('hex').slice(0, ID_CHARS);
