import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '#libs/net/free-port';

const POLL_MS = 25;

/** A server program on a free port of 127.0.0.1, with a folder of its own. */
export class ServerProcess {
  private constructor(
    readonly port: number,
    private readonly server: ChildProcess,
    private readonly folder: string,
  ) {}

  /** Starts it and waits until it takes connections. `argsOf` may write files into the folder. */
  static async start(
    program: string,
    argsOf: (port: number, folder: string) => readonly string[] | Promise<readonly string[]>,
  ): Promise<ServerProcess> {
    const port = await freePort();
    const folder = await mkdtemp(join(tmpdir(), `chartly-${program}-`));
    const server = spawn(program, [...(await argsOf(port, folder))], { stdio: 'ignore', cwd: folder });
    while (!(await takesConnections(port))) {
      if (server.exitCode !== null) throw new Error(`${program} ended with ${server.exitCode} before it was ready.`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return new ServerProcess(port, server, folder);
  }

  async stop(): Promise<void> {
    if (this.server.exitCode === null && this.server.signalCode === null) {
      this.server.kill('SIGTERM');
      await once(this.server, 'exit');
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function takesConnections(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
