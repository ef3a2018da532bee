import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ChartlyConfig } from '#libs/config/config';
import { ConnectorHubContract } from '#libs/contracts/connector-hub.contract';
import { ndjsonOf } from '#libs/signals/ndjson-of';
import { samplesOf } from '#libs/signals/remote-write';
import { Allow, Ingest } from '../access/allow';
import { BodyConfig } from '../http/body-parsers';
import { Describe } from '../openapi/route-docs';
import { PipelineParams } from './params.dto';

const WRITE_BODY: BodyConfig = { raw: ['protobuf'] };

@Controller('v1/projects/:project/pipelines/:pipeline/remote-write')
export class RemoteWriteController {
  constructor(
    private readonly hub: ConnectorHubContract,
    private readonly config: ChartlyConfig,
  ) {}

  @Post()
  @HttpCode(204)
  @Allow('events:write')
  @Ingest()
  @RouteConfig(WRITE_BODY)
  @Describe({
    summary: 'Takes Prometheus remote write 1.0: each sample becomes a record. 204 means that they are committed.',
    status: 204,
    takesRaw: ['application/x-protobuf'],
    never: [422],
  })
  async write(@Param() { project, pipeline }: PipelineParams, @Body() body: Uint8Array): Promise<void> {
    const maxBytes = this.config.bodyInflatedMaxBytes;
    const samples = samplesOf(body, maxBytes);
    if (samples.length === 0) return; // metadata alone, which senders repeat
    await this.hub.accept({ project, pipeline, format: 'ndjson', body: ndjsonOf(samples, maxBytes) });
  }
}
