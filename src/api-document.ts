import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, NestFastifyApplication } from '@nestjs/platform-fastify';
import { ConfigModule } from '#libs/config/config.module';
import { loadConfig } from '#libs/config/load';
import { CONTRACTS } from '#libs/contracts/all';
import { TelemetryModule } from '#libs/telemetry/telemetry.module';
import { TransportModule } from '#libs/transport/transport.module';
import { GatewayModule } from '#apps/gateway/gateway.module';
import { API_VERSION } from '#apps/gateway/gateway.setup';
import { openApiDocument } from '#apps/gateway/openapi/document';

/** What `/openapi.json` answers, made from the code alone: nothing is started and nothing listens. */
export async function apiDocument(): Promise<object> {
  const config = loadConfig({});
  class DescribedModule {}
  const root = {
    module: DescribedModule,
    imports: [
      ConfigModule.forRoot(config),
      TelemetryModule.forRoot({ logLevel: config.logLevel, role: 'gateway' }),
      TransportModule.forRoot(CONTRACTS, config),
      GatewayModule,
    ],
  };
  const app = await NestFactory.create<NestFastifyApplication>(root, new FastifyAdapter(), {
    logger: false,
    abortOnError: false,
  });
  try {
    return JSON.parse(JSON.stringify(openApiDocument(app, API_VERSION))) as object; // as it goes over the wire
  } finally {
    await app.close();
  }
}
