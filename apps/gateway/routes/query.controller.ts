import { Body, Controller, Headers, HttpCode, Param, Post, Res, StreamableFile } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { AnalyticsContract, QueryReply } from '#libs/contracts/analytics.contract';
import { SqlRows } from '#libs/contracts/sql';
import { Allow } from '../access/allow';
import { tableAnswer } from '../http/table-answer';
import { Describe } from '../openapi/route-docs';
import { ProjectParams } from './params.dto';
import { QueryBody, SqlBody } from './query.dto';

@Controller('v1/projects/:project')
export class QueryController {
  constructor(private readonly analytics: AnalyticsContract) {}

  @Post('query')
  @HttpCode(200)
  @Allow('data:read')
  @Describe({
    summary: 'Answers a question over a dataset or a rollup.',
    takes: QueryBody,
    gives: QueryReply,
    tables: true,
  })
  query(
    @Param() { project }: ProjectParams,
    @Body() body: QueryBody,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<QueryReply | StreamableFile> {
    return tableAnswer(accept, reply, () => this.analytics.query({ ...body, project }));
  }

  @Post('sql')
  @HttpCode(200)
  @Allow('data:read')
  @Describe({
    summary: 'Runs one SELECT over the datasets and rollups of the project, by their names.',
    takes: SqlBody,
    gives: SqlRows,
    tables: true,
  })
  sql(
    @Param() { project }: ProjectParams,
    @Body() body: SqlBody,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SqlRows | StreamableFile> {
    return tableAnswer(accept, reply, () => this.analytics.sql({ ...body, project }));
  }
}
