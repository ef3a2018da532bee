import { Body, Controller, Delete, Get, Header, Headers, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import type { FastifyReply } from 'fastify';
import {
  Applied,
  AppliedDocument,
  DocumentPage,
  DocumentView,
  OrchestratorContract,
  Plan,
} from '#libs/contracts/orchestrator.contract';
import { Conflict, PreconditionFailed, Unprocessable } from '#libs/errors/errors';
import { COMPARED_RECORDS_MAX, RowsDifferences } from '#libs/contracts/rows-difference';
import { Allow, Audited } from '../access/allow';
import { BodyConfig } from '../http/body-parsers';
import { readTags } from '../http/entity-tags';
import { textOf } from '../http/json-body';
import { Describe } from '../openapi/route-docs';
import { DocumentParams, DocumentsQuery, ProjectParams, VersionQuery } from './params.dto';

const DOCUMENT_TYPES = ['application/yaml', 'application/json'];
const DOCUMENT_BODY: BodyConfig = { raw: ['json', 'yaml'] };
const PAGE = { limit: 'Items in a page, 1 to 1,000.', cursor: 'The `next` of the page before.' };

class PlanRowsQuery {
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(COMPARED_RECORDS_MAX) records?: number;
}

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
  })
  plan(@Param() { project }: ProjectParams, @Body() body: Uint8Array): Promise<Plan> {
    return this.orchestrator.plan({ project, text: textOf(body) });
  }

  @Post('plan/rows')
  @HttpCode(200)
  @Allow('quarantine:read')
  @RouteConfig(DOCUMENT_BODY)
  @Describe({
    summary: 'Runs the changed pipelines over their newest raw records, beside what is active; changes nothing.',
    gives: RowsDifferences,
    takesRaw: DOCUMENT_TYPES,
    query: { records: 'How many records, 1 to 10,000; 1,000 when left out.' },
  })
  planRows(
    @Param() { project }: ProjectParams,
    @Query() query: PlanRowsQuery,
    @Body() body: Uint8Array,
  ): Promise<RowsDifferences> {
    return this.orchestrator.planRows({ project, text: textOf(body), ...query });
  }

  @Post('apply')
  @HttpCode(200)
  @Allow('pipelines:write')
  @Audited('documents.create', 'documents.update')
  @RouteConfig(DOCUMENT_BODY)
  @Describe({
    summary: 'Applies documents: each changed one becomes a new immutable version.',
    gives: Applied,
    takesRaw: DOCUMENT_TYPES,
    idempotencyKey: true,
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

  @Put('documents/:kind/:name')
  @Allow('pipelines:write')
  @Audited('documents.create', 'documents.update')
  @RouteConfig(DOCUMENT_BODY)
  @Describe({
    summary:
      'Applies one document. With If-Match only over the version that has this ETag; with "If-None-Match: *" only a new one.',
    gives: AppliedDocument,
    takesRaw: DOCUMENT_TYPES,
    params: { kind: 'pipelines, schemas or connections.' },
    problems: [412],
  })
  async put(
    @Param() document: DocumentParams,
    @Body() body: Uint8Array,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Headers('if-match') ifMatch?: string,
    @Headers('if-none-match') ifNoneMatch?: string,
  ): Promise<AppliedDocument> {
    const { project, kind, name } = document;
    const text = textOf(body);
    const { documents, basis } = await this.orchestrator.plan({ project, text });
    const [planned, ...others] = documents;
    if (!planned || others.length > 0 || planned.kind !== kind || planned.name !== name) {
      throw new Unprocessable(
        'document.other',
        `The body must be the one document ${kind} "${name}", as the path says.`,
      );
    }
    const isConditional = ifMatch !== undefined || ifNoneMatch !== undefined;
    await this.requireSeen(document, planned.fromVersion !== undefined, { ifMatch, ifNoneMatch });
    const applied = await this.orchestrator
      .apply({ project, text, ...(isConditional ? { basis } : {}) })
      .catch((thrown: unknown) => {
        if (!isConditional || !(thrown instanceof Conflict) || thrown.code !== 'plan.moved') throw thrown;
        throw new PreconditionFailed('document.moved', `${kind} "${name}" has moved on just now. Read it again.`);
      });
    const [one] = applied.documents;
    if (!one) throw new Unprocessable('document.other', 'The body holds no document.');
    reply.header('etag', `"${one.digest}"`);
    return one;
  }

  @Delete('documents/:kind/:name')
  @HttpCode(204)
  @Allow('pipelines:write')
  @Audited('documents.delete')
  @Describe({
    summary: 'Deletes a document. A pipeline takes no more data; its stored rows stay.',
    status: 204,
    params: { kind: 'pipelines, schemas or connections.' },
    problems: [409, 412],
  })
  async remove(@Param() document: DocumentParams, @Headers('if-match') ifMatch?: string): Promise<void> {
    await this.orchestrator.remove({ ...document, ifMatch: await this.digestAsked(document, ifMatch) });
  }

  /** The one digest that `If-Match` lets pass; undefined when it lets any. */
  private async digestAsked(document: DocumentParams, ifMatch?: string): Promise<string | undefined> {
    const asked = ifMatch === undefined ? '*' : readTags(ifMatch);
    if (asked === '*') return undefined;
    const digests = asked.map(digestIn);
    if (digests.length === 1) return digests[0];
    const { digest } = await this.orchestrator.document(document);
    return digests.find((one) => one === digest) ?? digests[0];
  }

  /** Throws PreconditionFailed when the document is not the one that the caller has seen. */
  private async requireSeen(
    document: DocumentParams,
    exists: boolean,
    { ifMatch, ifNoneMatch }: Preconditions,
  ): Promise<void> {
    if (ifNoneMatch !== undefined && exists) {
      throw new PreconditionFailed('document.exists', `${document.kind} "${document.name}" exists already.`);
    }
    if (ifMatch === undefined) return;
    const asked = readTags(ifMatch);
    const digest = exists ? (await this.orchestrator.document(document)).digest : undefined;
    if (digest !== undefined && (asked === '*' || asked.map(digestIn).includes(digest))) return;
    throw new PreconditionFailed(
      'document.moved',
      `${document.kind} "${document.name}" has another ETag by now, or none. Read it again.`,
    );
  }
}

interface Preconditions {
  readonly ifMatch?: string;
  readonly ifNoneMatch?: string;
}

/** A document's tag is its digest; a proxy that compresses may have made it a weak one. */
const digestIn = (tag: string): string => tag.replace(/^W\//, '').slice(1, -1).slice(0, 64);
