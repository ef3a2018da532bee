import { createHash, createHmac } from 'node:crypto';
import { Destination, ForwardedEntry, SEND_MS } from './destination';

interface WebhookOptions {
  readonly url: string;
  /** Signs what is sent (Standard Webhooks): base64 behind `whsec_`. */
  readonly secret?: string;
  readonly now?: () => number;
}

/** Posts entries as `{ "entries": [{ "index", "leaf" }] }`; any 2xx means that they were taken. */
export class Webhook extends Destination {
  constructor(private readonly options: WebhookOptions) {
    super();
  }

  async send(entries: readonly ForwardedEntry[]): Promise<void> {
    const { url } = this.options;
    const body = JSON.stringify({ entries });
    const answer = await fetch(url, {
      method: 'POST',
      body,
      redirect: 'error',
      headers: { 'content-type': 'application/json', ...this.signatureOf(entries, body) },
      signal: AbortSignal.timeout(SEND_MS),
    });
    await answer.body?.cancel();
    if (!answer.ok) throw new Error(`it answered ${answer.status}`);
  }

  /** The same entries have the same id, so that a receiver can tell what comes twice (Standard Webhooks). */
  private signatureOf(entries: readonly ForwardedEntry[], body: string): Record<string, string> {
    const { secret, now = Date.now } = this.options;
    const id = `audit_${createHash('sha256')
      .update(entries.map(({ index }) => index).join(','))
      .digest('hex')
      .slice(0, 32)}`;
    const timestamp = String(Math.floor(now() / 1_000));
    const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp };
    if (secret === undefined) return headers;
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
    return { ...headers, 'webhook-signature': `v1,${signature}` };
  }
}
