import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { Unavailable } from '#libs/errors/errors';
import { KEY_BYTES } from './envelope';
import { MasterKeys, WrappedKey } from './master-keys';

const TIMEOUT_MS = 10_000;

/**
 * Master keys that never leave where they are (a KMS, an HSM), behind a command of the operator's. It is called without
 * a shell, with one more argument, and speaks JSON; bytes are base64:
 *
 *     wrap    {"plaintext", "context"}            -> {"keyId", "ciphertext"}
 *     unwrap  {"keyId", "ciphertext", "context"}  -> {"plaintext"}
 *
 * `context` is to be bound as additional authenticated data. `keyId` is the command's own name for the key version.
 */
export class CommandKeys extends MasterKeys {
  /** Program and arguments, with spaces between. */
  constructor(private readonly command: string) {
    super();
  }

  override async currentId(): Promise<string> {
    return (await this.wrap(Buffer.alloc(KEY_BYTES), Buffer.from('chartly.current'))).keyId;
  }

  override async wrap(dataKey: Buffer, aad: Buffer): Promise<WrappedKey> {
    const answer = await this.run('wrap', { plaintext: base64(dataKey), context: base64(aad) });
    return { keyId: member(answer, 'keyId'), bytes: Buffer.from(member(answer, 'ciphertext'), 'base64') };
  }

  override async unwrap({ keyId, bytes }: WrappedKey, aad: Buffer): Promise<Buffer> {
    const answer = await this.run('unwrap', { keyId, ciphertext: base64(bytes), context: base64(aad) });
    const dataKey = Buffer.from(member(answer, 'plaintext'), 'base64');
    if (dataKey.length !== KEY_BYTES) throw failed(`gave ${dataKey.length} bytes for a data key of ${KEY_BYTES}`);
    return dataKey;
  }

  private async run(verb: 'wrap' | 'unwrap', input: object): Promise<unknown> {
    const [program = '', ...args] = this.command.split(/\s+/).filter((part) => part !== '');
    const child = spawn(program, [...args, verb], {
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
    child.stdin.on('error', () => undefined); // it ended without reading: its exit says why
    try {
      child.stdin.end(JSON.stringify(input));
      const [output, [code, signal]] = await Promise.all([text(child.stdout), once(child, 'close')]);
      if (code !== 0) throw failed(`ended with ${String(signal ?? code)} at "${verb}"`);
      return JSON.parse(output);
    } catch (thrown) {
      if (thrown instanceof Unavailable) throw thrown;
      throw failed(thrown instanceof SyntaxError ? `did not answer "${verb}" with JSON` : 'could not be run');
    }
  }
}

const base64 = (bytes: Buffer): string => bytes.toString('base64');

function member(answer: unknown, name: string): string {
  const value: unknown = typeof answer === 'object' && answer !== null ? Reflect.get(answer, name) : undefined;
  if (typeof value !== 'string' || value === '') throw failed(`left "${name}" out of its answer`);
  return value;
}

const failed = (what: string): Unavailable =>
  new Unavailable('secrets.master_key_command', `The command of CHARTLY_MASTER_KEY_COMMAND ${what}.`);
