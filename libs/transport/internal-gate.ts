import { Injectable, OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ServiceName, SERVICES } from '#libs/contracts/contract';
import { Unauthenticated } from '#libs/errors/errors';
import { asChartlyError, toWire } from '#libs/errors/wire';
import { encode, WIRE_CONTENT_TYPE } from './codec';
import { requireCaller } from './allowed-callers';
import { LocalServices } from './local-services';
import { Caller, TokenVerifier } from './service-token';

const ROUTE = '/internal/:service/:method';
const BODY_MAX_BYTES = 64 * 2 ** 20;
const CALLER = Symbol('chartly:caller');

interface GatedRequest extends FastifyRequest {
  [CALLER]?: Caller;
}

/** Lets calls in: bodies of our own type, after who sends them was checked, and that it may (rule 18). Only our own services may send 64 MiB. */
@Injectable()
export class InternalGate implements OnModuleInit {
  constructor(
    private readonly adapter: HttpAdapterHost,
    private readonly verifier: TokenVerifier,
    private readonly services: LocalServices,
  ) {}

  onModuleInit(): void {
    const fastify: FastifyInstance = this.adapter.httpAdapter.getInstance();
    fastify.addContentTypeParser(
      WIRE_CONTENT_TYPE,
      { parseAs: 'buffer', bodyLimit: BODY_MAX_BYTES },
      (_request, body, done) => done(null, body),
    );
    fastify.addHook('onRequest', (request: GatedRequest, reply, done) => {
      if (request.routeOptions.url !== ROUTE) return done();
      try {
        request[CALLER] = this.caller(request);
        done();
      } catch (thrown) {
        const error = asChartlyError(thrown);
        void reply
          .status(error.status)
          .header('content-type', WIRE_CONTENT_TYPE)
          .send(encode(toWire(error)));
      }
    });
  }

  private caller(request: FastifyRequest): Caller {
    const { service, method = '' } = request.params as { service?: string; method?: string }; // the route's own parameters
    const audience = SERVICES.find((known): known is ServiceName => known === service);
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (!token || !audience) throw new Unauthenticated('service.token', 'The call carries no service token.');
    const caller = this.verifier.verify(token, audience);
    requireCaller(caller.role, audience, method, this.services.method(audience, method)?.wire);
    return caller;
  }
}

/** Who sent a request that the gate let through. */
export function callerOf(request: GatedRequest): Caller {
  const caller = request[CALLER];
  if (!caller) throw new Unauthenticated('service.token', 'The call carries no service token.');
  return caller;
}
