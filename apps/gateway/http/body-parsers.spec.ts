import fastify, { FastifyInstance } from 'fastify';
import { ChartlyError } from '#libs/errors/errors';
import { kindOf, registerBodyParsers } from './body-parsers';

describe('kindOf', () => {
  it.each([
    ['application/json', 'json'],
    ['application/json; charset=utf-8', 'json'],
    ['Application/JSON;charset="UTF-8"', 'json'],
    ['application/x-ndjson', 'ndjson'],
    ['application/yaml', 'yaml'],
  ])('reads %j', (header, kind) => expect(kindOf(header)).toBe(kind));

  it.each([
    undefined,
    '',
    'text/html',
    'application/json\t',
    'application/json ',
    'application/json; charset=utf-16',
    'application/json, text/plain',
    'application/jsonx',
  ])('rule 35: reads no %j', (header) => expect(kindOf(header)).toBeUndefined());
});

describe('body parsers', () => {
  let app: FastifyInstance;

  beforeAll(async () => {
    app = fastify();
    registerBodyParsers(app, 100);
    app.setErrorHandler((error, _request, reply) => {
      const status = error instanceof ChartlyError ? error.status : (error as { statusCode?: number }).statusCode;
      return reply.status(status ?? 500).send();
    });
    app.post('/parsed', (request) => ({ got: request.body }));
    app.post('/raw', { config: { raw: ['json', 'ndjson'] } }, (request) => ({
      bytes: (request.body as Buffer).length,
    }));
    await app.ready();
  });
  afterAll(() => app.close());

  const post = (url: string, type: string, payload: string) =>
    app.inject({ method: 'POST', url, payload, headers: { 'content-type': type } });

  it('parses JSON where a route wants it parsed and hands over bytes where it wants them raw', async () => {
    expect((await post('/parsed', 'application/json', '{"a":1}')).json()).toEqual({ got: { a: 1 } });
    expect((await post('/raw', 'application/x-ndjson', '{"a":1}\n')).json()).toEqual({ bytes: 8 });
    expect((await post('/raw', 'application/json', '[1]')).json()).toEqual({ bytes: 3 });
  });

  it('answers 415 to a type that the route does not take', async () => {
    expect((await post('/parsed', 'application/x-ndjson', '{}')).statusCode).toBe(415);
    expect((await post('/raw', 'application/yaml', 'a: 1')).statusCode).toBe(415);
    expect((await post('/raw', 'text/csv', 'a')).statusCode).toBe(415);
  });

  it('answers 413 to a body over the limit', async () => {
    expect((await post('/raw', 'application/json', '1'.repeat(101))).statusCode).toBe(413);
  });
});
