import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export const CLIENT = { clientId: 'chartly', clientSecret: 'client-secret-of-chartly' };
/** A client of it without a secret. */
export const PUBLIC_CLIENT = 'public';

const program = (callback: string): string => `
import { Provider } from 'oidc-provider';
import { createServer } from 'node:http';
const callback = ${JSON.stringify(callback)};
const known = {};
const server = createServer().listen(0, '127.0.0.1', () => {
  const issuer = 'http://127.0.0.1:' + server.address().port;
  const provider = new Provider(issuer, {
    clients: [{ client_id: '${CLIENT.clientId}', client_secret: '${CLIENT.clientSecret}', redirect_uris: [callback],
                post_logout_redirect_uris: [new URL(callback).origin] },
              { client_id: '${PUBLIC_CLIENT}', token_endpoint_auth_method: 'none', redirect_uris: [callback] }],
    pkce: { required: () => true },
    conformIdTokenClaims: false,
    claims: { openid: ['sub'], profile: ['name', 'preferred_username', 'groups'], email: ['email'] },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...known[id] }) }),
  });
  server.on('request', provider.callback());
  process.stdout.write(issuer + '\\n');
});
process.on('message', ({ sub, claims }) => { known[sub] = claims; process.send('known'); });
process.on('disconnect', () => process.exit(0));
`;

/** A real OpenID provider (`oidc-provider`) in a process of its own; whoever logs in names themselves. */
export class OpenIdProvider {
  private constructor(
    readonly issuer: string,
    private readonly callback: string,
    private readonly server: ChildProcess,
  ) {}

  /** `callback` is where it sends the browsers of its clients back to. */
  static async start(callback: string): Promise<OpenIdProvider> {
    const server = spawn(process.execPath, ['--input-type=module', '-e', program(callback)], {
      stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
    });
    const [issuer] = (await once(createInterface(server.stdout!), 'line')) as [string]; // it is a pipe
    return new OpenIdProvider(issuer, callback, server);
  }

  /** What it says of `sub` from now on. */
  async say(sub: string, claims: Readonly<Record<string, unknown>>): Promise<void> {
    const said = once(this.server, 'message');
    this.server.send({ sub, claims });
    await said;
  }

  /** Goes where the browser is sent, logs in as `who` and agrees; where the browser is then sent back to. */
  async answerOf(url: string, who: string): Promise<string> {
    const jar = new Map<string, string>();
    let next = new URL(url);
    let form: URLSearchParams | undefined;
    for (;;) {
      const response: Response = await fetch(next, {
        method: form ? 'POST' : 'GET',
        redirect: 'manual',
        headers: { cookie: [...jar].map((pair) => pair.join('=')).join('; ') },
        ...(form ? { body: form } : {}),
      });
      form = undefined;
      for (const set of response.headers.getSetCookie()) {
        const [name = '', ...value] = (set.split(';')[0] ?? '').split('=');
        jar.set(name, value.join('='));
      }
      const location = response.headers.get('location');
      if (location !== null) {
        next = new URL(location, next);
        if (next.href.startsWith(this.callback)) return next.href;
        continue;
      }
      const page = await response.text();
      const action = /action="([^"]+)"/.exec(page)?.[1];
      if (action === undefined) throw new Error(`The provider answered ${response.status}: ${page.slice(0, 500)}`);
      next = new URL(action, next);
      form = new URLSearchParams(
        page.includes('name="login"') ? { prompt: 'login', login: who, password: 'x' } : { prompt: 'consent' },
      );
    }
  }

  async stop(): Promise<void> {
    if (this.server.exitCode !== null || this.server.signalCode !== null) return;
    this.server.kill();
    await once(this.server, 'exit');
  }
}
