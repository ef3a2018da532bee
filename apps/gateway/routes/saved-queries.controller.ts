import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Param,
  Put,
  Query,
  Req,
  Res,
  StreamableFile,
} from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { AnalyticsContract } from '#libs/contracts/analytics.contract';
import { IsName } from '#libs/contracts/fields';
import { decide } from '#libs/contracts/permissions';
import { Permission, Principal } from '#libs/contracts/principal';
import { QueryDefinition, SavedAnswer, SavedQueries, SavedQuery } from '#libs/contracts/saved-queries';
import { Forbidden } from '#libs/errors/errors';
import { Allow, Audited } from '../access/allow';
import type { GuardedRequest } from '../access/presented-credential';
import { readTags } from '../http/entity-tags';
import { OpenQuery } from '../http/open-query';
import { tableAnswer } from '../http/table-answer';
import { Describe } from '../openapi/route-docs';
import { ProjectParams, VersionQuery } from './params.dto';

class QueryParams extends ProjectParams {
  @IsName() query: string;
}

/** Questions and statements under a name, with an address of their own. */
@Controller('v1/projects/:project/queries')
export class SavedQueriesController {
  constructor(private readonly analytics: AnalyticsContract) {}

  @Get()
  @Allow('queries:read')
  @Describe({ summary: 'Lists saved queries, each as it is now.', gives: SavedQueries })
  list(@Param() { project }: ProjectParams): Promise<SavedQueries> {
    return this.analytics.savedQueries({ project });
  }

  @Get(':query')
  @Allow('queries:read')
  @OpenQuery()
  @Describe({
    summary: 'Answers a saved query; its parameters stand in the URL. 304 while neither it nor the data has changed.',
    gives: SavedAnswer,
    tables: true,
    problems: [422],
  })
  async run(
    @Param() { project, query: name }: QueryParams,
    @Query() parameters: Readonly<Record<string, string>>,
    @Headers('accept') accept: string | undefined,
    @Headers('if-none-match') knownTags: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SavedAnswer | StreamableFile | undefined> {
    const answer = await this.analytics.runSavedQuery({ project, name, parameters, known: tagsOf(knownTags) });
    if (answer.etag !== undefined) void reply.headers({ etag: answer.etag, 'cache-control': 'private, no-cache' });
    if (!answer.unchanged) return tableAnswer(accept, reply, () => Promise.resolve(answer));
    void reply.status(304);
    return undefined;
  }

  @Get(':query/definition')
  @Allow('queries:read')
  @Describe({
    summary: 'What a saved query asks, now or in an earlier version.',
    gives: SavedQuery,
    query: { version: 'An earlier version; the newest when left out.' },
  })
  definition(@Param() { project, query: name }: QueryParams, @Query() { version }: VersionQuery): Promise<SavedQuery> {
    return this.analytics.savedQuery({ project, name, ...(version === undefined ? {} : { version }) });
  }

  @Put(':query')
  @Allow('queries:write')
  @Audited('queries.save')
  @Describe({
    summary: 'Saves a question or a statement under a name; a change is a new version of it.',
    takes: QueryDefinition,
    gives: SavedQuery,
  })
  save(
    @Param() { project, query: name }: QueryParams,
    @Body() definition: QueryDefinition,
    @Req() { principal }: GuardedRequest,
  ): Promise<SavedQuery> {
    requireReader(principal, project);
    return this.analytics.saveQuery({ project, name, definition });
  }

  @Delete(':query')
  @HttpCode(204)
  @Allow('queries:write')
  @Audited('queries.remove')
  @Describe({ summary: 'Removes a saved query.', status: 204 })
  async remove(@Param() { project, query: name }: QueryParams): Promise<void> {
    await this.analytics.removeQuery({ project, name });
  }
}

/** What a malformed header names is nothing that the caller has. */
function tagsOf(header: string | undefined): string[] {
  try {
    const tags = header === undefined ? [] : readTags(header);
    return tags === '*' ? [] : tags.map((tag) => tag.replace(/^W\//, ''));
  } catch {
    return [];
  }
}

/** Whoever saves a question chooses what those who run it read, so that they must be able to read it themselves. */
function requireReader(principal: Principal | undefined, project: string): void {
  if (principal && decide(principal, 'data:read', project) === 'allowed') return;
  const permission = 'data:read' satisfies Permission;
  throw new Forbidden('auth.denied', `Saving a query takes the permission "${permission}" too.`, { permission });
}
