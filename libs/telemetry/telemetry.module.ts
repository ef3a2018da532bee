import { DynamicModule, Global, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import { LoggerModule } from 'nestjs-pino';
import type { IncomingMessage } from 'node:http';
import { HealthController } from './health.controller';
import { MetricsController } from './metrics.controller';
import { Readiness } from './readiness';
import { traceIdOf, traceparentOf } from './traceparent';

interface TelemetryOptions {
  readonly logLevel: string;
  readonly role: string;
}

const QUIET_PATHS = /^\/(health|ready|metrics)\b/;
const SECRETS = ['req.headers.authorization', 'req.headers.cookie', '*.token', '*.key', '*.password', '*.secret'];

/** Logs, metrics and health of a process. */
@Global()
@Module({})
export class TelemetryModule {
  static forRoot({ logLevel, role }: TelemetryOptions): DynamicModule {
    return {
      module: TelemetryModule,
      imports: [
        TerminusModule.forRoot({ logger: false }),
        PrometheusModule.register({
          controller: MetricsController,
          defaultMetrics: { enabled: true },
          defaultLabels: { role },
        }),
        LoggerModule.forRoot({
          pinoHttp: {
            level: logLevel,
            base: { role, pid: process.pid },
            redact: { paths: SECRETS, censor: '[secret]' },
            autoLogging: { ignore: (request: IncomingMessage) => QUIET_PATHS.test(request.url ?? '') },
            customProps: (request: IncomingMessage) => ({
              traceId: traceIdOf(traceparentOf(request.headers.traceparent)),
            }),
            customLogLevel: (_request, response, error) =>
              error || response.statusCode >= 500 ? 'error' : response.statusCode >= 400 ? 'info' : 'debug',
            serializers: {
              req: ({ id, method, url }: { id: string; method: string; url: string }) => ({ id, method, url }),
              res: ({ statusCode }: { statusCode: number }) => ({ statusCode }),
            },
          },
        }),
      ],
      controllers: [HealthController],
      providers: [Readiness],
      exports: [Readiness],
    };
  }
}
