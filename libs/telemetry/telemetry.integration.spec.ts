import { Controller, Get, Logger, Module, Req } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import { register } from 'prom-client';
import { Writable } from 'node:stream';
import { Log } from './log';
import { Readiness } from './readiness';
import { TelemetryModule } from './telemetry.module';
import { traceparentOf } from './traceparent';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const TRACEPARENT = `00-${TRACE}-00f067aa0ba902b7-01`;

@Controller('things')
class ThingsController {
  private readonly logger = new Logger('Things');

  @Get(':id')
  thing(@Req() request: FastifyRequest): { traceparent: string } {
    this.logger.log({ token: 'hunter2', deep: { within: { password: 'hunter2' } }, thing: 1 }, 'first');
    this.logger.log('second');
    return { traceparent: traceparentOf(request.headers.traceparent) };
  }
}

interface Line {
  readonly msg: string;
  readonly level: number;
  readonly role: string;
  readonly traceId?: string;
  readonly req?: { readonly id: string };
}

describe('telemetry', () => {
  let app: NestFastifyApplication;
  let lines: Line[];
  let written: string;

  beforeEach(async () => {
    register.clear(); // one process has one registry; the tests make several
    lines = [];
    written = '';
    const logs = new Writable({
      write(chunk: Buffer, _encoding, done) {
        written += chunk.toString();
        lines.push(JSON.parse(chunk.toString()) as Line);
        done();
      },
    });
    @Module({
      imports: [TelemetryModule.forRoot({ logLevel: 'info', role: 'gateway', logs })],
      controllers: [ThingsController],
    })
    class Root {}
    const adapter = new FastifyAdapter({
      genReqId: ({ headers }: IncomingMessage) => String(headers['x-request-id'] ?? 'made-up'),
    });
    app = await NestFactory.create<NestFastifyApplication>(Root, adapter, { bufferLogs: true });
    app.useLogger(app.get(Log));
    app.flushLogs();
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
    lines = [];
  });
  afterEach(() => app.close());

  const ask = (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers });

  it("writes JSON lines with the request's and the trace's id", async () => {
    await ask('/things/1', { 'x-request-id': 'r-1', traceparent: TRACEPARENT });
    expect(lines.map(({ msg }) => msg)).toEqual(['first', 'second']);
    for (const line of lines) expect(line).toMatchObject({ role: 'gateway', traceId: TRACE, req: { id: 'r-1' } });
  });

  it('gives a request without a trace one of its own, the same in its lines and for its calls', async () => {
    const answer = await ask('/things/1');
    const { traceparent } = answer.json<{ traceparent: string }>();
    expect(traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(lines.map(({ traceId }) => traceId)).toEqual([traceparent.split('-')[1], traceparent.split('-')[1]]);
  });

  it.each([
    '00-0-0-01',
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `ff-${TRACE}-00f067aa0ba902b7-01`,
    'x'.repeat(9_000),
  ])('does not take a malformed trace context over', async (traceparent) => {
    const answer = await ask('/things/1', { traceparent });
    expect(answer.json<{ traceparent: string }>().traceparent).not.toBe(traceparent);
  });

  it('writes no secret', async () => {
    await ask('/things/1', { authorization: 'Bearer hunter2', cookie: 'session=hunter2' });
    expect(written).not.toContain('hunter2');
    expect(written).toContain('[secret]');
  });

  it('meters requests by route and never by path', async () => {
    await ask('/things/1');
    await ask('/things/2');
    await ask('/nothing/here');
    const { body } = await ask('/metrics');
    expect(body).toMatch(/chartly_http_request_seconds_count\{[^}]*route="\/things\/:id"[^}]*\} \d+/);
    expect(body).not.toContain('/things/1');
    expect(body).not.toContain('/nothing/here');
    expect(body).toContain('process_cpu_seconds_total');
  });

  it('is alive, and ready once nothing is waited for', async () => {
    let there = false;
    app.get(Readiness).register('postgres', () => there);
    app.get(Readiness).register('event store', async () => {
      if (!there) throw new Error('not yet');
      return true;
    });
    expect((await ask('/health')).json()).toEqual({ status: 'ok' });
    const waiting = await ask('/ready');
    expect(waiting.statusCode).toBe(503);
    expect(waiting.json()).toMatchObject({ waitingFor: ['postgres', 'event store'] });
    there = true;
    expect((await ask('/ready')).statusCode).toBe(200);
  });

  it('rule 40: is not ready from the moment that it drains, and still alive', async () => {
    app.get(Readiness).drain();
    const answer = await ask('/ready');
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({ waitingFor: ['shutdown'] });
    expect((await ask('/health')).statusCode).toBe(200);
  });
});
