import { Body, Controller, Delete, Get, Header, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { Applied, DocumentPage, DocumentView, OrchestratorContract, Plan } from '#libs/contracts/orchestrator.contract';
import { Allow } from '../access/allow';
import { BodyConfig } from '../http/body-parsers';
import { textOf } from '../http/json-body';
import { Describe } from '../openapi/route-docs';
import { DocumentParams, DocumentsQuery, ProjectParams, VersionQuery } from './params.dto';

const DOCUMENT_TYPES = ['application/yaml', 'application/json'];
const DOCUMENT_BODY: BodyConfig = { raw: ['json', 'yaml'] };
const PAGE = { limit: 'Items in a page, 1 to 1,000.', cursor: 'The `next` of the page before.' };

@Controller('v1/projects/:project')
export class DocumentsController {
  constructor(private readonly orchestrator: OrchestratorContract) {}

  @Post('plan')
  @HttpCode(200)
  @Allow('pipelines:read')
  @RouteConfig(DOCUMENT_BODY)
  @Describe({
    summary: 'Shows what applying these documents would change; changes nothing.',
    gives: Plan,
    takesRaw: DOCUMENT_TYPES,
    problems: [413, 415, 422],
  })
  plan(@Param() { project }: ProjectParams, @Body() body: Uint8Array): Promise<Plan> {
    return this.orchestrator.plan({ project, text: textOf(body) });
  }

  @Post('apply')
  @HttpCode(200)
  @Allow('pipelines:write')
  @RouteConfig(DOCUMENT_BODY)
  @Describe({
    summary: 'Applies documents: each changed one becomes a new immutable version.',
    gives: Applied,
    takesRaw: DOCUMENT_TYPES,
    problems: [409, 413, 415, 422],
  })
  apply(
    @Param() { project }: ProjectParams,
    @Body() body: Uint8Array,
    @Headers('chartly-plan-basis') basis?: string,
  ): Promise<Applied> {
    return this.orchestrator.apply({ project, text: textOf(body), basis });
  }

  @Get('documents')
  @Allow('pipelines:read')
  @Describe({
    summary: 'Lists documents.',
    gives: DocumentPage,
    query: { ...PAGE, kind: 'pipelines, schemas or connections.' },
  })
  list(@Param() { project }: ProjectParams, @Query() query: DocumentsQuery): Promise<DocumentPage> {
    return this.orchestrator.documents({ project, ...query });
  }

  @Get('documents/:kind/:name')
  @Allow('pipelines:read')
  @Header('cache-control', 'no-cache')
  @Describe({
    summary: 'One document, as it is active or in an earlier version. The ETag is its digest.',
    gives: DocumentView,
    params: { kind: 'pipelines, schemas or connections.' },
    query: { version: 'An earlier version.' },
  })
  async get(
    @Param() { project, kind, name }: DocumentParams,
    @Query() { version }: VersionQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DocumentView> {
    const view = await this.orchestrator.document({ project, kind, name, version });
    reply.header('etag', `"${view.digest}"`);
    return view;
  }

  @Delete('documents/:kind/:name')
  @HttpCode(204)
  @Allow('pipelines:write')
  @Describe({
    summary: 'Deletes a document. A pipeline takes no more data; its stored rows stay.',
    status: 204,
    params: { kind: 'pipelines, schemas or connections.' },
    problems: [409, 412],
  })
  async remove(@Param() { project, kind, name }: DocumentParams, @Headers('if-match') etag?: string): Promise<void> {
    await this.orchestrator.remove({ project, kind, name, ifMatch: etag?.replace(/^(?:W\/)?"(.*)"$/, '$1') });
  }
}
