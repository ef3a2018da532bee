import { ArgumentsHost, Catch, ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { databaseError } from '#libs/database/database-errors';
import {
  BadRequest,
  ChartlyError,
  Forbidden,
  Internal,
  MethodNotAllowed,
  NotFound,
  PayloadTooLarge,
  Unauthenticated,
  UnsupportedMediaType,
} from '#libs/errors/errors';
import { PROBLEM_CONTENT_TYPE, toProblem } from '#libs/errors/problem';
import { asChartlyError } from '#libs/errors/wire';

/** Turns whatever a request ended with into problem+json (RFC 9457), in one place. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('Http');

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    sendProblem(thrown, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>(), this.logger);
  }
}

export function sendProblem(thrown: unknown, request: FastifyRequest, reply: FastifyReply, logger: Logger): void {
  const error = problemError(thrown, request);
  if (error.status === 500) logger.error({ requestId: request.id, err: error.details.cause ?? error }, stackOf(error));
  if (reply.sent) return;
  if (error.details.retryAfterMs !== undefined) {
    void reply.header('retry-after', String(Math.max(1, Math.ceil(error.details.retryAfterMs / 1_000))));
  }
  if (error.status === 401) void reply.header('www-authenticate', 'Bearer');
  void reply
    .status(error.status)
    .header('content-type', PROBLEM_CONTENT_TYPE)
    .send(JSON.stringify(toProblem(error, request.id)));
}

/** Our own errors as they are; those of Nest, Fastify and the database as the ones that say the same. */
function problemError(thrown: unknown, request: FastifyRequest): ChartlyError {
  if (thrown instanceof ChartlyError) return thrown;
  const status = thrown instanceof HttpException ? thrown.getStatus() : statusCodeOf(thrown);
  switch (status) {
    case 400:
      return new BadRequest(
        'request.malformed',
        thrown instanceof Error ? thrown.message : 'The request is malformed.',
      );
    case 401:
      return new Unauthenticated('auth.missing', 'Authenticate with a key.');
    case 403:
      return new Forbidden('auth.denied', 'This is not allowed.');
    case 404:
      return new NotFound(
        'route.unknown',
        `There is no ${request.method} ${request.url.split('?')[0]}. /openapi.json lists what there is.`,
      );
    case 405:
      return new MethodNotAllowed('route.method', `${request.method} is not what this address takes.`);
    case 413:
      return new PayloadTooLarge(
        'body.too_large',
        'The body is larger than allowed (CHARTLY_BODY_MAX_BYTES). Send it in parts.',
      );
    case 415:
      return new UnsupportedMediaType(
        'body.unsupported',
        `This address does not take "${request.headers['content-type'] ?? 'a body without a type'}".`,
      );
    default:
      return databaseError(thrown) ?? (thrown instanceof Internal ? thrown : asChartlyError(thrown));
  }
}

function statusCodeOf(thrown: unknown): number | undefined {
  const code: unknown = typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, 'statusCode') : undefined;
  return typeof code === 'number' ? code : undefined;
}

function stackOf(error: ChartlyError): string {
  const { cause } = error.details;
  return cause instanceof Error ? (cause.stack ?? cause.message) : error.message;
}
