import { Injectable, OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Level } from 'pino';
import { register } from 'prom-client';
import { RequestCall, registerRequestCalls } from '#libs/transport/request-call';
import { Log } from './log';
import { RequestSeconds } from './request-seconds';

/** What probes and scrapers ask all day. */
const QUIET = new Set(['/health', '/ready', '/metrics']);

/** One process has one registry, however many applications it makes one after the other. */
export const requestSeconds = {
  provide: RequestSeconds,
  useFactory: (): RequestSeconds => {
    const known = register.getSingleMetric(RequestSeconds.metricName) as unknown;
    if (known instanceof RequestSeconds) return known;
    const made = new RequestSeconds();
    register.registerMetric(made as never); // whose type asks for the classes of prom-client
    return made;
  },
};

/** Meters every request that the process answers, on both listeners, and writes a line for those that are worth one. */
@Injectable()
export class AccessLog implements OnModuleInit {
  constructor(
    private readonly adapter: HttpAdapterHost,
    private readonly log: Log,
    private readonly seconds: RequestSeconds,
  ) {}

  onModuleInit(): void {
    const fastify: FastifyInstance = this.adapter.httpAdapter.getInstance();
    registerRequestCalls(fastify);
    fastify.addHook('onResponse', (request, reply, done) => {
      this.answered(request, reply);
      done();
    });
  }

  private answered(request: FastifyRequest, reply: FastifyReply): void {
    const { config, url } = request.routeOptions;
    if (url !== undefined && QUIET.has(url)) return;
    const { statusCode, elapsedTime } = reply;
    this.seconds.observe(config, url, request.method, statusCode, elapsedTime / 1_000);
    const level = levelOf(statusCode);
    if (!this.log.lines.isLevelEnabled(level)) return;
    const fields = {
      ...RequestCall.of(request, reply).line(),
      res: { statusCode },
      responseTime: Math.round(elapsedTime),
    };
    this.log.lines[level](fields, statusCode >= 500 ? 'request errored' : 'request completed');
  }
}

/** What went wrong on our side is an error; what was refused is worth a line; the rest is for who looks for it. */
function levelOf(status: number): Level {
  if (status >= 500) return 'error';
  return status >= 400 ? 'info' : 'debug';
}
