import { ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AwsClient } from 'aws4fetch';
import { freePort } from '#libs/net/free-port';

/** An S3 server on this machine with one empty bucket. */
export interface TestS3 {
  /** Address of the bucket, as `CHARTLY_OBJECTS_URL` takes it. */
  readonly url: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  stop(): Promise<void>;
}

const POLL_MS = 50;
const BUCKET = 'test-bucket';
/** What s3rver knows; moto takes any. */
const CREDENTIALS = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };

/** s3rver: checks the access key, overlooks `If-None-Match`. */
export function startS3rver(): Promise<TestS3> {
  const folder = mkdtempSync(join(tmpdir(), 'chartly-s3rver-'));
  const main = require.resolve('s3rver/bin/s3rver.js');
  // It makes its list cursors with DES, which OpenSSL 3 keeps in its legacy provider.
  const args = ['--openssl-legacy-provider', main, '--silent', '--directory', folder, '--address', '127.0.0.1'];
  return start((port) => spawn(process.execPath, [...args, '--port', String(port)], { stdio: 'ignore' }), folder);
}

/** moto: honours `If-None-Match`. */
export const startMoto = (): Promise<TestS3> =>
  start((port) => spawn('python3', ['-c', MOTO, String(port)], { stdio: 'ignore' }));

const MOTO = `
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=int(sys.argv[1]))
server.start()
server._thread.join()
`;

/** Why suites on moto cannot run here; undefined when they can. */
export function motoMissing(): string | undefined {
  return spawnSync('python3', ['-c', 'import moto.server']).status === 0
    ? undefined
    : 'no moto: install the Python package moto[server]';
}

async function start(run: (port: number) => ChildProcess, folder?: string): Promise<TestS3> {
  const port = await freePort();
  const server = run(port);
  const url = `http://127.0.0.1:${port}/${BUCKET}`;
  const client = new AwsClient({ ...CREDENTIALS, service: 's3', retries: 0 });
  for (let made = false; !made;) {
    if (server.exitCode !== null) throw new Error(`The S3 server ended with ${server.exitCode}.`);
    made = await client.fetch(url, { method: 'PUT' }).then(
      ({ ok }) => ok,
      () => false,
    );
    if (!made) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return {
    url,
    ...CREDENTIALS,
    stop: async () => {
      if (server.exitCode === null) {
        server.kill('SIGTERM');
        await once(server, 'exit');
      }
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}
