import { Controller, Get, Headers, Query, Req, Res, StreamableFile } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { BadRequest } from '#libs/errors/errors';
import { Allow } from '../access/allow';
import { GuardedRequest } from '../access/presented-credential';
import { Describe } from '../openapi/route-docs';
import { AuditStream } from '../streams/audit-stream';
import { WatchedStreams } from '../streams/watched-streams';
import { FOUND_BY, FoundEntriesQuery, INDEX_MAX } from './audit.controller';

const LAST_EVENT = /^(?:-1|\d{1,15})$/;

class StreamQuery extends FoundEntriesQuery {
  @IsOptional() @Type(() => Number) @IsInt() @Min(0) @Max(INDEX_MAX) from?: number;
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(INDEX_MAX) limit?: number;
}

@Controller('v1/audit')
export class AuditStreamController {
  constructor(
    private readonly streams: WatchedStreams,
    private readonly audit: AuditStream,
  ) {}

  @Get('stream')
  @Allow('audit:read')
  @Describe({
    summary:
      'Entries as they are appended, as server-sent events: `entry`, whose id is its index. `Last-Event-ID` goes on behind one, and none is lost or comes twice. Ends with `problem` when it cannot go on.',
    givesRaw: ['text/event-stream'],
    query: {
      from: 'The first index wanted; the end of the log when left out.',
      limit: 'Ends after so many entries.',
      ...FOUND_BY,
    },
  })
  stream(
    @Query() { from, limit, ...found }: StreamQuery,
    @Headers('last-event-id') last: string | undefined,
    @Req() request: GuardedRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): StreamableFile | undefined {
    const behind = behindOf(last);
    if (request.method === 'HEAD') return undefined;
    return this.streams.answer(reply, (signal) =>
      this.audit.follow(request, { found, from: behind ?? from, limit }, signal),
    );
  }
}

/** The index behind the last event that a reader has. Throws BadRequest `stream.last_event`. */
function behindOf(last: string | undefined): number | undefined {
  if (last === undefined || last === '') return undefined;
  if (LAST_EVENT.test(last)) return Number(last) + 1;
  throw new BadRequest('stream.last_event', 'Last-Event-ID is no id of an event of this stream: those are numbers.');
}
