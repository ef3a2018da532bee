import { Body, Controller, Headers, HttpCode, Param, Post, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { IsObject, IsOptional } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { ChartlyConfig } from '#libs/config/config';
import { ConnectorHubContract } from '#libs/contracts/connector-hub.contract';
import { NAME_PATTERN } from '#libs/contracts/fields';
import { PipelineName } from '#libs/contracts/pipeline-ref';
import { BadRequest } from '#libs/errors/errors';
import { ndjsonOf } from '#libs/signals/ndjson-of';
import { logRecordsOf } from '#libs/signals/otlp-logs';
import { metricPointsOf } from '#libs/signals/otlp-metrics';
import { OtlpEncoding } from '#libs/signals/otlp-request';
import { Allow, Ingest, ProjectConfig } from '../access/allow';
import { BodyConfig, kindOf } from '../http/body-parsers';
import { Describe } from '../openapi/route-docs';
import { PipelineParams } from './params.dto';

const OTLP_BODY: BodyConfig = { raw: ['json', 'protobuf'] };
const PROTOBUF = 'application/x-protobuf';
const OTLP_TYPES = [PROTOBUF, 'application/json'];
const PROJECT = 'chartly-project';
const PIPELINE = 'chartly-pipeline';
const BY_HEADER: BodyConfig & ProjectConfig = { ...OTLP_BODY, projectHeader: PROJECT };

/** An ExportServiceResponse of OTLP. */
export class OtlpAccepted {
  /** Never there: what cannot be taken whole is refused whole. */
  @IsOptional() @IsObject() partialSuccess?: object;
}

type ReadRecords = (body: Uint8Array, encoding: OtlpEncoding, maxBytes: number) => object[];

/** OTLP/HTTP: answers 200 once the records are committed, in the encoding that was asked in. */
abstract class OtlpIntake {
  constructor(
    protected readonly hub: ConnectorHubContract,
    protected readonly config: ChartlyConfig,
  ) {}

  protected async take(
    pipeline: PipelineName,
    body: Uint8Array,
    contentType: string,
    reply: FastifyReply,
    read: ReadRecords,
  ): Promise<OtlpAccepted | Buffer> {
    const encoding = kindOf(contentType) === 'protobuf' ? 'protobuf' : 'json';
    const maxBytes = this.config.bodyInflatedMaxBytes;
    const records = read(body, encoding, maxBytes);
    if (records.length > 0) await this.hub.accept({ ...pipeline, format: 'ndjson', body: ndjsonOf(records, maxBytes) });
    if (encoding === 'json') return new OtlpAccepted();
    void reply.type(PROTOBUF);
    return Buffer.alloc(0); // an ExportServiceResponse without members
  }
}

@Controller('v1/projects/:project/pipelines/:pipeline/otlp/v1')
export class OtlpController extends OtlpIntake {
  constructor(hub: ConnectorHubContract, config: ChartlyConfig) {
    super(hub, config);
  }

  @Post('metrics')
  @HttpCode(200)
  @Allow('events:write')
  @Ingest()
  @RouteConfig(OTLP_BODY)
  @Describe({
    summary: 'Takes OTLP metrics (protobuf or JSON): each data point becomes a record.',
    gives: OtlpAccepted,
    givesRaw: [PROTOBUF],
    takesRaw: OTLP_TYPES,
    never: [422],
  })
  metrics(
    @Param() { project, pipeline }: PipelineParams,
    @Body() body: Uint8Array,
    @Headers('content-type') contentType: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OtlpAccepted | Buffer> {
    return this.take({ project, pipeline }, body, contentType, reply, metricPointsOf);
  }

  @Post('logs')
  @HttpCode(200)
  @Allow('events:write')
  @Ingest()
  @RouteConfig(OTLP_BODY)
  @Describe({
    summary: 'Takes OTLP logs (protobuf or JSON): each log record becomes a record.',
    gives: OtlpAccepted,
    givesRaw: [PROTOBUF],
    takesRaw: OTLP_TYPES,
    never: [422],
  })
  logs(
    @Param() { project, pipeline }: PipelineParams,
    @Body() body: Uint8Array,
    @Headers('content-type') contentType: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OtlpAccepted | Buffer> {
    return this.take({ project, pipeline }, body, contentType, reply, logRecordsOf);
  }
}

/** The same for senders whose path is given: the pipeline stands in headers. */
@Controller('v1/otlp/v1')
export class OtlpByHeaderController extends OtlpIntake {
  constructor(hub: ConnectorHubContract, config: ChartlyConfig) {
    super(hub, config);
  }

  @Post('metrics')
  @HttpCode(200)
  @Allow('events:write')
  @Ingest()
  @RouteConfig(BY_HEADER)
  @Describe({
    summary: 'Takes OTLP metrics for the pipeline that the headers `chartly-project` and `chartly-pipeline` name.',
    gives: OtlpAccepted,
    givesRaw: [PROTOBUF],
    takesRaw: OTLP_TYPES,
    problems: [404],
    never: [422],
  })
  metrics(
    @Headers(PROJECT) project: string,
    @Headers(PIPELINE) pipeline: string,
    @Body() body: Uint8Array,
    @Headers('content-type') contentType: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OtlpAccepted | Buffer> {
    return this.take(named(project, pipeline), body, contentType, reply, metricPointsOf);
  }

  @Post('logs')
  @HttpCode(200)
  @Allow('events:write')
  @Ingest()
  @RouteConfig(BY_HEADER)
  @Describe({
    summary: 'Takes OTLP logs for the pipeline that the headers `chartly-project` and `chartly-pipeline` name.',
    gives: OtlpAccepted,
    givesRaw: [PROTOBUF],
    takesRaw: OTLP_TYPES,
    problems: [404],
    never: [422],
  })
  logs(
    @Headers(PROJECT) project: string,
    @Headers(PIPELINE) pipeline: string,
    @Body() body: Uint8Array,
    @Headers('content-type') contentType: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OtlpAccepted | Buffer> {
    return this.take(named(project, pipeline), body, contentType, reply, logRecordsOf);
  }
}

/** The guard has checked the project. */
function named(project: string, pipeline: string | undefined): PipelineName {
  if (pipeline !== undefined && NAME_PATTERN.test(pipeline)) return { project, pipeline };
  throw new BadRequest('pipeline.missing', `Name the pipeline in the header "${PIPELINE}".`);
}
