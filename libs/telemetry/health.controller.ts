import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { HealthCheckService, HealthIndicatorService } from '@nestjs/terminus';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Readiness } from './readiness';

/** A request that came through the public listener, which gets no detail. */
export interface ListenerRequest extends FastifyRequest {
  publicListener?: boolean;
}

@Controller()
@ApiExcludeController()
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly readiness: Readiness,
  ) {}

  /** Alive: the event loop turns. */
  @Get('health')
  alive(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** Can do its job; names what it waits for. */
  @Get('ready')
  async ready(@Req() request: ListenerRequest, @Res() reply: FastifyReply): Promise<void> {
    const waitingFor = await this.readiness.waitingFor();
    const status = waitingFor.length === 0 ? 200 : 503;
    if (request.publicListener) return void reply.status(status).send({ status: status === 200 ? 'ok' : 'error' });
    const indicator = this.indicators.check('chartly');
    const result = await this.health
      .check([() => (waitingFor.length === 0 ? indicator.up() : indicator.down({ waitingFor }))])
      .catch((failed: { getResponse(): object }) => failed.getResponse());
    void reply.status(status).send({ ...result, waitingFor });
  }
}
