import { Command } from 'commander';
import { createPrivateKey, createPublicKey, generateKeyPairSync, KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { readVerifier, verifierKey } from '#libs/audit-proof/note-keys';
import { CommandFailed } from '../failure';
import { say } from '../output';
import { witnessServer } from '#libs/audit-witness/witness-server';
import { WitnessState } from '#libs/audit-witness/witness-state';

interface WitnessCommandOptions {
  readonly name: string;
  readonly log: readonly string[];
  readonly folder: string;
  readonly host: string;
  readonly port: string;
}

const collect = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value];

/** `chartly audit witness`: cosigns the logs of others, on a machine that is not theirs. */
export function witnessCommand(audit: Command): void {
  audit
    .command('witness')
    .description('watch audit logs and cosign their heads; refuses a log that went back or forked')
    .requiredOption(
      '--log <key>',
      'the key of a log to watch: its name+hash+base64; may be repeated, also for the keys of one log',
      collect,
      [],
    )
    .option('--name <name>', 'the name that it signs under', 'chartly.local/witness')
    .option('--folder <folder>', 'where its key and what it has seen are kept', '.chartly-witness')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <port>', 'port to listen on', '7380')
    .action(async ({ name, log, folder, host, port }: WitnessCommandOptions) => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const privateKey = await keyIn(join(folder, 'witness-key.pem'));
      const state = await WitnessState.open(join(folder, 'seen.json')).catch((thrown: Error) => {
        throw new CommandFailed(thrown.message);
      });
      const server = witnessServer({
        name,
        privateKey,
        logs: new Map(log.map((key) => [nameOf(key), log.filter((other) => nameOf(other) === nameOf(key))])),
        state,
        now: Date.now,
        onRefusal: (reason) => say(`${new Date().toISOString()} refused: ${reason}`),
      });
      server.listen(Number(port), host);
      await once(server, 'listening').catch((error: Error) => {
        throw new CommandFailed(`The witness cannot listen on ${host}:${port}: ${error.message}.`);
      });
      const at = `http://${host}:${(server.address() as AddressInfo).port}`; // it listens on TCP
      const key = verifierKey(name, createPublicKey(privateKey), 'cosignature');
      say(`Witness of ${log.map(nameOf).join(', ')} at ${at}; Ctrl-C stops it. The log's operator sets`);
      say(`  CHARTLY_AUDIT_WITNESSES=${at}#${key}`);
      await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
      server.close();
      server.closeAllConnections();
    });
}

function nameOf(key: string): string {
  const verifier = readVerifier(key, 'note');
  if (verifier) return verifier.name;
  throw new CommandFailed(`"${key}" is no key of a log: it looks like name+0a1b2c3d+BASE64.`, 2);
}

async function keyIn(file: string): Promise<KeyObject> {
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  if (kept !== undefined) return createPrivateKey(kept);
  const { privateKey } = generateKeyPairSync('ed25519');
  await writeFile(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' });
  return privateKey;
}
