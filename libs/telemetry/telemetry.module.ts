import { DynamicModule, Global, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import { LoggerModule } from 'nestjs-pino';
import type { IncomingMessage } from 'node:http';
import { HealthController } from './health.controller';
import { HttpMetrics, httpSeconds } from './http-metrics';
import { MetricsController } from './metrics.controller';
import { Readiness } from './readiness';
import { pinTraceparent, traceIdOf } from './traceparent';

interface TelemetryOptions {
  readonly logLevel: string;
  readonly role: string;
  /** Where log lines go; standard output when left out. */
  readonly logs?: NodeJS.WritableStream;
}

const QUIET_PATHS = /^\/(health|ready|metrics)\b/;
const SECRET_NAMES = ['authorization', 'cookie', 'token', 'key', 'password', 'secret', 'privateKey'];
/** Wherever somebody logs an object with such a field, down to the third level. */
const SECRETS = SECRET_NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/** Logs, metrics and health of a process. */
@Global()
@Module({})
export class TelemetryModule {
  static forRoot({ logLevel, role, logs = process.stdout }: TelemetryOptions): DynamicModule {
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
            stream: logs,
            level: logLevel,
            base: { role, pid: process.pid },
            redact: { paths: SECRETS, censor: '[secret]' },
            autoLogging: { ignore: (request: IncomingMessage) => QUIET_PATHS.test(request.url ?? '') },
            customProps: (request: IncomingMessage) => ({
              traceId: traceIdOf(pinTraceparent(request.headers)),
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
      providers: [Readiness, HttpMetrics, httpSeconds],
      exports: [Readiness],
    };
  }
}
