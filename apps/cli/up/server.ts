import { join } from 'node:path';
import { Child } from './child';
import { SERVER } from './paths';
import { waitUntilReady } from './ready';

const STOP_GRACE_MS = 40_000;

export interface ServerOptions {
  readonly dataDir: string;
  readonly env: NodeJS.ProcessEnv;
}

/** One process that hosts all nine services on embedded engines. */
export class Server {
  readonly url: string;
  readonly logFile: string;
  private readonly child: Child;

  constructor({ dataDir, env }: ServerOptions) {
    this.logFile = join(dataDir, 'logs', 'chartly.log');
    this.url = `http://${env.CHARTLY_HOST ?? '127.0.0.1'}:${env.CHARTLY_PORT ?? '8080'}`;
    this.child = new Child({
      args: [SERVER],
      env: { ...env, CHARTLY_DATA_DIR: dataDir },
      logFile: this.logFile,
    });
  }

  get exited(): Child['exited'] {
    return this.child.exited;
  }

  get complaint(): string {
    return this.child.complaint;
  }

  ready(): Promise<void> {
    return waitUntilReady(this.child, this.logFile);
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  kill(): Promise<void> {
    return this.child.kill();
  }

  stop(): Promise<void> {
    return this.child.stop(STOP_GRACE_MS);
  }
}
