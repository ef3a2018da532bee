import { Answer } from './api';

/** The browser's part: keeps cookies and sends them back. It stays where it is sent on from, so that a test sees it. */
export class Browser {
  private readonly jar = new Map<string, string>();

  constructor(private readonly url: string) {}

  /** What a page's own script reads of a cookie that is not HttpOnly. */
  cookie(name: string): string | undefined {
    return this.jar.get(name);
  }

  async send<T>(path: string, method = 'GET', body?: object, headers: Record<string, string> = {}): Promise<Answer<T>> {
    const response = await fetch(new URL(path, this.url), {
      method,
      redirect: 'manual',
      headers: {
        cookie: [...this.jar].map((pair) => pair.join('=')).join('; '),
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    for (const set of response.headers.getSetCookie()) {
      const [name = '', ...value] = (set.split(';')[0] ?? '').split('=');
      if (set.includes('Max-Age=0')) this.jar.delete(name);
      else this.jar.set(name, value.join('='));
    }
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: (text === '' ? undefined : JSON.parse(text)) as T,
    };
  }
}
