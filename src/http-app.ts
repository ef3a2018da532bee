import { DynamicModule, Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { ChartlyConfig } from '#libs/config/config';
import { BadRequest } from '#libs/errors/errors';
import { Log } from '#libs/telemetry/log';
import { rememberRules } from '#libs/transport/known-rules';
import { ProblemFilter, sendProblem } from '#libs/transport/problem.filter';
import { separateListeners } from './listeners';

const REQUEST_ID = /^[\w.:-]{1,128}$/;

/** The application of a process, with all that a request meets before and after its route; it does not listen yet. */
export async function createHttpApp(config: ChartlyConfig, root: DynamicModule): Promise<NestFastifyApplication> {
  rememberRules();
  const logger = new Logger('Http');
  const adapter = new FastifyAdapter({
    skipMiddie: true, // middleware by path is no place for a check, and costs each request
    bodyLimit: config.bodyMaxBytes,
    trustProxy: config.trustedProxies.length > 0 ? config.trustedProxies : false,
    forceCloseConnections: 'idle',
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      void reply.header('x-request-id', request.id);
      sendProblem(
        new BadRequest('route.malformed', `The address is malformed: ${error.message}.`),
        request,
        reply,
        logger,
      );
    },
    genReqId: (request: { headers: IncomingHttpHeaders }) => {
      const given = request.headers['x-request-id'];
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
    },
  });
  const fastify = adapter.getInstance();
  separateListeners(fastify);
  fastify.addHook('onSend', (request, reply, _payload, done) => {
    void reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff');
    done();
  });
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, {
    bufferLogs: true,
    abortOnError: false,
    bodyParser: false,
  });
  app.useLogger(app.get(Log));
  app.flushLogs();
  app.useGlobalFilters(new ProblemFilter());
  if (config.roles.has('gateway')) {
    const { setUpGateway } = await import('#apps/gateway/gateway.setup');
    await setUpGateway(app);
  }
  return app;
}
