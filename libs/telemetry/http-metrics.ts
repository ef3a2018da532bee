import { Injectable, OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { InjectMetric, makeHistogramProvider } from '@willsoto/nestjs-prometheus';
import type { FastifyInstance } from 'fastify';
import { Histogram } from 'prom-client';

const HTTP_SECONDS = 'chartly_http_request_seconds';
/** What probes and scrapers ask all day. */
const UNMETERED = new Set(['/health', '/ready', '/metrics']);

export const httpSeconds = makeHistogramProvider({
  name: HTTP_SECONDS,
  help: 'Time to answer a request, by route (never by path: that would be without bound), method and status.',
  labelNames: ['method', 'route', 'status'],
  buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60],
});

/** Meters every request that the process answers, on both listeners. */
@Injectable()
export class HttpMetrics implements OnModuleInit {
  constructor(
    private readonly adapter: HttpAdapterHost,
    @InjectMetric(HTTP_SECONDS) private readonly seconds: Histogram,
  ) {}

  onModuleInit(): void {
    const fastify: FastifyInstance = this.adapter.httpAdapter.getInstance();
    fastify.addHook('onResponse', (request, reply, done) => {
      const route = request.routeOptions.url ?? 'unknown';
      if (!UNMETERED.has(route)) {
        const labels = { method: request.method, route, status: String(reply.statusCode) };
        this.seconds.observe(labels, reply.elapsedTime / 1_000);
      }
      done();
    });
  }
}
