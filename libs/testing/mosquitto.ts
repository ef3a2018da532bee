import { generate } from 'mqtt-packet';
import { execFileSync } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { Certificate } from './certificates';
import { ServerProcess } from './server-process';

const PROTOCOL = { protocolVersion: 5 } as const;
const QUEUE_MAX = 100_000;

/** A mosquitto that takes anybody, or one user alone, or speaks TLS alone. */
export async function startMosquitto(
  user?: { readonly user: string; readonly password: string },
  tls?: Certificate,
): Promise<ServerProcess> {
  return ServerProcess.start('mosquitto', async (port, folder) => {
    const passwords = join(folder, 'passwords');
    const config = join(folder, 'mosquitto.conf');
    const settings = [`listener ${port} 127.0.0.1`, `max_queued_messages ${QUEUE_MAX}`];
    settings.push(...(user ? ['allow_anonymous false', `password_file ${passwords}`] : ['allow_anonymous true']));
    if (tls) settings.push(`certfile ${tls.certFile}`, `keyfile ${tls.keyFile}`);
    if (user) execFileSync('mosquitto_passwd', ['-b', '-c', passwords, user.user, user.password]);
    if (user) await chmod(passwords, 0o644);
    await chmod(folder, 0o755); // as root, mosquitto reads its files as another user
    await writeFile(config, settings.join('\n'));
    return ['-c', config];
  });
}

/** Publishes with QoS 1 and waits for the broker's word for each. */
export async function publishMqtt(
  port: number,
  messages: readonly { readonly topic: string; readonly payload: string | Buffer; readonly retain?: boolean }[],
  { tls = false } = {},
): Promise<void> {
  const at = { port, host: '127.0.0.1' };
  const socket = tls ? connectTls({ ...at, rejectUnauthorized: false }) : connect(at);
  await once(socket, tls ? 'secureConnect' : 'connect');
  const write = (packet: Parameters<typeof generate>[0]): boolean => socket.write(generate(packet, PROTOCOL));
  write({ cmd: 'connect', ...PROTOCOL, protocolId: 'MQTT', clientId: '', clean: true, keepalive: 0 });
  await once(socket, 'data');
  for (const { topic, payload, retain = false } of messages) {
    write({ cmd: 'publish', messageId: 1, topic, payload, retain, qos: 1, dup: false });
    await once(socket, 'data');
  }
  write({ cmd: 'disconnect', reasonCode: 0 });
  socket.end();
  await once(socket, 'close');
}
