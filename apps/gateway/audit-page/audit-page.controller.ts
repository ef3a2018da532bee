import { Controller, Get, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../access/allow';
import { sendPage } from '../http/nonce-page';
import { verifyPage } from './verify-page';

/** The page on which anybody verifies a saved log in their own browser. */
@Controller('audit/verify')
@ApiExcludeController()
export class AuditPageController {
  @Get()
  @Public()
  page(@Res() reply: FastifyReply): void {
    sendPage(reply, "'none'", verifyPage);
  }
}
