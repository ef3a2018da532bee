import { createHash, generateKeyPairSync, KeyObject, randomBytes, sign } from 'node:crypto';

interface CreationOptions {
  readonly challenge: string;
  readonly rp: { readonly id?: string };
  readonly user: { readonly id: string };
}

interface RequestOptions {
  readonly challenge: string;
  readonly rpId?: string;
}

const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
const HAS_CREDENTIAL = 0x40;

/** What may be wrong with an answer, for tests of what is refused. */
interface Twist {
  readonly origin?: string;
  readonly challenge?: string;
  readonly flags?: number;
  readonly counter?: number;
  readonly rpId?: string;
}

/** An authenticator in software, of one ES256 credential (WebAuthn Level 2 §6), written from the specification. */
export class SoftwareAuthenticator {
  readonly credentialId = randomBytes(32);
  private readonly privateKey: KeyObject;
  private readonly publicKey: KeyObject;
  private counter = 0;

  constructor(private readonly origin: string) {
    ({ privateKey: this.privateKey, publicKey: this.publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' }));
  }

  create({ challenge, rp }: CreationOptions, twist: Twist = {}): object {
    const clientData = this.clientData('webauthn.create', challenge, twist);
    const attested = Buffer.concat([
      Buffer.alloc(16), // an authenticator that does not say what it is
      uint16(this.credentialId.length),
      this.credentialId,
      this.coseKey(),
    ]);
    const authData = this.authData(rp.id ?? '', HAS_CREDENTIAL, twist, attested);
    const attestationObject = cbor(
      new Map<unknown, unknown>([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', authData],
      ]),
    );
    return this.credential({
      clientDataJSON: clientData.toString('base64url'),
      attestationObject: attestationObject.toString('base64url'),
      transports: ['internal'],
    });
  }

  get({ challenge, rpId }: RequestOptions, twist: Twist = {}): { id: string; response: { signature: string } } {
    const clientData = this.clientData('webauthn.get', challenge, twist);
    const authData = this.authData(rpId ?? '', 0, twist);
    const signed = Buffer.concat([authData, createHash('sha256').update(clientData).digest()]);
    return this.credential({
      clientDataJSON: clientData.toString('base64url'),
      authenticatorData: authData.toString('base64url'),
      signature: sign('sha256', signed, this.privateKey).toString('base64url'),
    }) as { id: string; response: { signature: string } }; // just made
  }

  private credential(response: object): object {
    const id = this.credentialId.toString('base64url');
    return { id, rawId: id, type: 'public-key', clientExtensionResults: {}, response };
  }

  private clientData(type: string, challenge: string, twist: Twist): Buffer {
    const { origin = this.origin } = twist;
    return Buffer.from(JSON.stringify({ type, challenge: twist.challenge ?? challenge, origin, crossOrigin: false }));
  }

  private authData(rpId: string, extra: number, twist: Twist, attested = Buffer.alloc(0)): Buffer {
    this.counter = twist.counter ?? this.counter + 1;
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(this.counter);
    const flags = (twist.flags ?? USER_PRESENT | USER_VERIFIED) | extra;
    const rpHash = createHash('sha256')
      .update(twist.rpId ?? rpId)
      .digest();
    return Buffer.concat([rpHash, Buffer.from([flags]), counter, attested]);
  }

  /** RFC 9053 §7.1: an EC2 key for ES256. */
  private coseKey(): Buffer {
    const { x = '', y = '' } = this.publicKey.export({ format: 'jwk' });
    return cbor(
      new Map<unknown, unknown>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, Buffer.from(x, 'base64url')],
        [-3, Buffer.from(y, 'base64url')],
      ]),
    );
  }
}

const uint16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
};

/** As much of CBOR (RFC 8949) as an authenticator speaks. */
function cbor(value: unknown): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (!(value instanceof Map)) throw new TypeError('An authenticator says nothing of this kind.');
  return Buffer.concat([head(5, value.size), ...[...value].flatMap(([key, member]) => [cbor(key), cbor(member)])]);
}

function head(major: number, count: number): Buffer {
  if (count < 24) return Buffer.from([(major << 5) | count]);
  if (count < 256) return Buffer.from([(major << 5) | 24, count]);
  return Buffer.concat([Buffer.from([(major << 5) | 25]), uint16(count)]);
}
