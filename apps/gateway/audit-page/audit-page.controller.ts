import { Controller, Get, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { randomBytes } from 'node:crypto';
import { Public } from '../access/allow';
import { verifyPage } from './verify-page';

/** The page on which anybody verifies a saved log in their own browser. */
@Controller('audit/verify')
@ApiExcludeController()
export class AuditPageController {
  @Get()
  @Public()
  page(@Res() reply: FastifyReply): void {
    const nonce = randomBytes(16).toString('base64');
    void reply
      .header('content-type', 'text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      .header('referrer-policy', 'no-referrer')
      .header('x-content-type-options', 'nosniff')
      .header(
        'content-security-policy',
        `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; connect-src 'none'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'`,
      )
      .send(verifyPage(nonce));
  }
}
