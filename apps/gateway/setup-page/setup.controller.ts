import { Controller, Get, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../access/allow';
import { sendPage } from '../http/nonce-page';
import { setupPage } from './setup-page';

/** The page behind the one-time setup link. */
@Controller('setup')
@ApiExcludeController()
export class SetupController {
  @Get()
  @Public()
  page(@Res() reply: FastifyReply): void {
    sendPage(reply, "'self'", setupPage);
  }
}
