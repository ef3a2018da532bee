import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import { ChartlyConfig } from '#libs/config/config';
import { registerBodyParsers } from './http/body-parsers';
import { openApiDocument } from './openapi/document';

/** The version of the public API, which is not that of the program. */
const API_VERSION = '1.0.0';

/**
 * What the gateway asks of the HTTP server itself: strict body parsing, `/openapi.json` and the reference page at
 * `/docs`. Called once, after the application is created and before it is initialized.
 */
export function setUpGateway(app: NestFastifyApplication): void {
  registerBodyParsers(app.getHttpAdapter().getInstance(), app.get(ChartlyConfig).bodyMaxBytes);
  SwaggerModule.setup('docs', app, () => openApiDocument(app, API_VERSION), {
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'openapi.yaml',
    customSiteTitle: 'Chartly API',
  });
}
