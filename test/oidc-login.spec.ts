import { WhoAmI } from '#apps/gateway/routes/keys.controller';
import { EntryPage } from '#libs/contracts/audit.contract';
import { LogoutUrl } from '#libs/contracts/auth-logins';
import { Problem } from '#libs/errors/problem';
import { freePort } from '#libs/net/free-port';
import { CLIENT, OpenIdProvider } from '#libs/testing/openid-provider';
import { Browser } from './support/browser';
import { ChartlyUnderTest } from './support/chartly';
import { until } from './support/until';

const START = '/v1/login/oidc/corp';

interface Leaf {
  readonly action: string;
  readonly target: string;
  readonly outcome: string;
  readonly reason?: string;
  readonly actor: { readonly kind: string; readonly id: string };
}

describe('logging in at an OpenID provider, over HTTP', () => {
  let provider: OpenIdProvider;
  let chartly: ChartlyUnderTest;
  let url: string;
  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    provider = await OpenIdProvider.start(`${url}${START}/callback`);
    chartly = await ChartlyUnderTest.start('one process', {
      CHARTLY_PORT: `${port}`,
      CHARTLY_PUBLIC_URL: url,
      CHARTLY_EGRESS_ALLOW: new URL(provider.issuer).host,
    });
    const put = (path: string, body: object): Promise<unknown> => chartly.api.json(path, body, { method: 'PUT' });
    await put('/v1/groups/operators', { members: [] });
    const subjects = [{ kind: 'group', name: 'operators' }];
    await put('/v1/bindings/operators', { role: 'operator', subjects });
    const groups = [{ value: 'sre', group: 'operators' }];
    await put('/v1/identity-providers/corp', { issuer: provider.issuer, ...CLIENT, groupsClaim: 'groups', groups });
  });
  afterAll(async () => {
    await chartly.end();
    await provider.stop();
  });

  /** A browser that began a login, and where the provider sent it back to once `sub` had logged in there. */
  async function sentBack(sub: string): Promise<{ browser: Browser; back: URL }> {
    const browser = new Browser(url);
    const begun = await browser.send(START);
    expect([begun.status, begun.headers.get('cache-control')]).toEqual([302, 'no-store']);
    const back = await provider.answerOf(begun.headers.get('location') ?? '', sub);
    return { browser, back: new URL(back) };
  }

  const entries = async (action: string): Promise<Leaf[]> => {
    const page = await chartly.api.ok<EntryPage>(`/v1/audit/entries?action=${action}`);
    return page.entries.map(({ leaf }) => JSON.parse(leaf) as Leaf);
  };

  it('lets a person in with the role that a claim is mapped to, leaves one entry, and lets them out', async () => {
    await provider.say('s-ada', { preferred_username: 'ada', groups: ['sre'] });
    const { browser, back } = await sentBack('s-ada');
    const entered = await browser.send(back.href);
    expect([entered.status, entered.headers.get('location')]).toEqual([302, '/']);
    const { body: who } = await browser.send<WhoAmI>('/v1/whoami');
    expect(who).toMatchObject({ kind: 'user', name: 'ada', grants: [{ role: 'operator', project: '*' }] });

    const csrf = { 'x-csrf-token': browser.cookie('__Host-chartly-csrf') ?? '' };
    expect((await browser.send('/v1/logout', 'POST', {}, csrf)).status).toBe(204);
    expect((await browser.send('/v1/whoami')).status).toBe(401);
    const { body } = await browser.send<LogoutUrl>(`${START}/logout`);
    expect(body.url).toContain(`${provider.issuer}/session/end?`);

    const [ended] = await until('the end of the session to stand in the log', async () => {
      const found = await entries('session.end');
      return found.length > 0 ? found : undefined;
    });
    const actor = { kind: 'user', id: who.id };
    expect(await entries('session.begin')).toMatchObject([
      { outcome: 'succeeded', reason: 'fed', target: ended?.target, actor },
    ]);
    expect(await entries('users.create')).toMatchObject([{ reason: 'first login by corp', actor }]);
  });

  it.each<[string, (back: URL) => void, boolean]>([
    ['whose state was forged', (back) => back.searchParams.set('state', 'forged'), true],
    ['whose code was forged', (back) => back.searchParams.set('code', 'forged'), true],
    ['to another browser', () => undefined, false],
  ])('lets nobody in by an answer %s', async (_, forge, isSameBrowser) => {
    const { browser, back } = await sentBack('s-eve');
    forge(back);
    const asking = isSameBrowser ? browser : new Browser(url);
    const refused = await asking.send<Problem>(back.href);
    expect([refused.status, refused.body.code]).toEqual([401, 'login.provider']);
    expect(refused.headers.getSetCookie()).toEqual([]);
    expect((await asking.send('/v1/whoami')).status).toBe(401);
  });

  it('lets nobody in by an answer that was given before', async () => {
    const { browser, back } = await sentBack('s-bea');
    expect((await browser.send(back.href)).status).toBe(302);
    expect((await browser.send<Problem>(back.href)).body.code).toBe('login.provider');
  });
});
