import { jetstreamManager, JetStreamManager, jetstream, JetStreamClient } from '@nats-io/jetstream';
import { connect, NatsConnection } from '@nats-io/transport-node';
import { ServerProcess } from './server-process';

/** A NATS server with JetStream, and a connection to it. */
export interface TestNats {
  readonly port: number;
  readonly manager: JetStreamManager;
  readonly client: JetStreamClient;
  stop(): Promise<void>;
}

export async function startNats(token?: string): Promise<TestNats> {
  const server = await ServerProcess.start('nats-server', (port, folder) => [
    ...['--addr', '127.0.0.1', '--port', String(port), '--jetstream', '--store_dir', folder],
    ...(token === undefined ? [] : ['--auth', token]),
  ]);
  const connection: NatsConnection = await connect({ servers: `127.0.0.1:${server.port}`, token });
  return {
    port: server.port,
    manager: await jetstreamManager(connection),
    client: jetstream(connection),
    stop: async () => {
      await connection.close();
      await server.stop();
    },
  };
}
