import { matchRoute } from './match-route';

const routes = [
  { method: 'GET', path: '/v1/projects/:project/documents/:kind/:name' },
  { method: 'GET', path: '/v1/projects/:project/documents/:kind/latest' },
  { method: 'GET', path: '/v1/keys' },
  { method: 'DELETE', path: '/v1/keys/:key' },
];
const matched = (method: string, path: string): string | undefined => matchRoute(routes, method, path)?.path;

describe('matchRoute', () => {
  it('finds the route of a request', () => {
    expect(matched('GET', '/v1/keys')).toBe('/v1/keys');
    expect(matched('DELETE', '/v1/keys/1')).toBe('/v1/keys/:key');
    expect(matched('GET', '/v1/projects/p/documents/pipelines/x')).toBe('/v1/projects/:project/documents/:kind/:name');
  });

  it('takes a literal part before a place', () => {
    expect(matched('GET', '/v1/projects/p/documents/pipelines/latest')).toMatch(/latest$/);
  });

  it('knows no other method, no shorter path, no longer one and no empty place', () => {
    expect(matched('POST', '/v1/keys')).toBeUndefined();
    expect(matched('DELETE', '/v1/keys')).toBeUndefined();
    expect(matched('DELETE', '/v1/keys/')).toBeUndefined();
    expect(matched('GET', '/v1/keys/1/2')).toBeUndefined();
  });
});
