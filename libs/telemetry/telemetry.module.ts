import { DynamicModule, Global, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import { AccessLog, requestSeconds } from './access-log';
import { HealthController } from './health.controller';
import { Log } from './log';
import { MetricsController } from './metrics.controller';
import { Readiness } from './readiness';

interface TelemetryOptions {
  readonly logLevel: string;
  readonly role: string;
  /** Where log lines go; standard output when left out. */
  readonly logs?: NodeJS.WritableStream;
}

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
      ],
      controllers: [HealthController],
      providers: [
        Readiness,
        AccessLog,
        requestSeconds,
        { provide: Log, useFactory: () => new Log({ level: logLevel, role, to: logs }) },
      ],
      exports: [Readiness, Log],
    };
  }
}
