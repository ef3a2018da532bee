import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import { ChartlyConfig } from '#libs/config/config';
import { Answers } from './door/answers';
import { Door } from './door/door';
import { registerDoor, registerUnknown } from './door/register-door';
import { RoutePlans } from './door/route-plans';
import { bodyLimitsOf } from './http/body-limits';
import { BodyConfig, registerBodyParsers } from './http/body-parsers';
import { registerCompression } from './http/compression';
import { registerContentCodings } from './http/content-coding';
import { registerConditionalGet } from './http/entity-tags';
import { registerSecurityHeaders } from './http/security-headers';
import { Limits, registerLimitHeaders } from './limits/limits';
import { RoutePolicies } from './limits/route-policy';
import { openApiDocument } from './openapi/document';

/** The version of the public API, which is not that of the program. */
export const API_VERSION = '1.0.0';

const CORS_MAX_AGE_SECONDS = 600;
/** What a page of another origin may send, and read of an answer, beside what every page may. */
const CORS_REQUEST_HEADERS = [
  'authorization',
  'content-type',
  'if-match',
  'if-none-match',
  'idempotency-key',
  'traceparent',
];
const CORS_ANSWER_HEADERS = ['etag', 'location', 'ratelimit', 'ratelimit-policy', 'retry-after', 'x-request-id'];

/**
 * What the gateway asks of the HTTP server itself: bodies read strictly and within limits, answers that browsers can do
 * no harm with, `/openapi.json` and the reference page at `/docs`. Called once, after the application is created and
 * before it is initialized.
 */
export async function setUpGateway(app: NestFastifyApplication): Promise<void> {
  const config = app.get(ChartlyConfig);
  const fastify = app.getHttpAdapter().getInstance();
  const bodies = { wire: config.bodyMaxBytes, inflated: Math.max(config.bodyMaxBytes, config.bodyInflatedMaxBytes) };
  const policies = app.get(RoutePolicies);
  registerDoor(fastify, { plans: app.get(RoutePlans), door: app.get(Door), answers: app.get(Answers) });
  registerLimitHeaders(fastify, app.get(Limits));
  registerContentCodings(
    fastify,
    ({ method, routeOptions: { config: route, url } }) =>
      bodyLimitsOf(route as BodyConfig, policies.of(method, url ?? '').isPublic, bodies), // set by @RouteConfig
  );
  registerBodyParsers(fastify, bodies.inflated);
  registerConditionalGet(fastify);
  registerSecurityHeaders(fastify, {
    https: config.publicUrl.startsWith('https:'),
    crossOrigin: config.corsOrigins.length > 0,
  });
  if (config.corsOrigins.length > 0) {
    app.enableCors({
      origin: config.corsOrigins.includes('*') ? '*' : config.corsOrigins,
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      allowedHeaders: CORS_REQUEST_HEADERS,
      exposedHeaders: CORS_ANSWER_HEADERS,
      maxAge: CORS_MAX_AGE_SECONDS,
      credentials: false,
    });
  }
  registerUnknown(fastify, app.get(Door));
  await registerCompression(fastify);
  SwaggerModule.setup('docs', app, () => openApiDocument(app, API_VERSION), {
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'openapi.yaml',
    customSiteTitle: 'Chartly API',
  });
}
