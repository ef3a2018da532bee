import { Controller, Get, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../access/allow';
import { sendPage } from '../http/nonce-page';
import { livePage } from './live-page';
import { verifyPage } from './verify-page';

/** The pages on which anybody verifies the log in their own browser. */
@Controller('audit')
@ApiExcludeController()
export class AuditPageController {
  /** A saved log. Nothing can be sent from it. */
  @Get('verify')
  @Public()
  saved(@Res() reply: FastifyReply): void {
    sendPage(reply, "'none'", verifyPage);
  }

  /** The log of this Chartly, for who may read it. */
  @Get('live')
  @Public()
  live(@Res() reply: FastifyReply): void {
    sendPage(reply, "'self'", livePage);
  }
}
