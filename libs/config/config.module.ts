import { DynamicModule, Global, Module } from '@nestjs/common';
import { ChartlyConfig } from './config';

/** Gives the process's one configuration to whoever asks for it. */
@Global()
@Module({})
export class ConfigModule {
  static forRoot(config: ChartlyConfig): DynamicModule {
    return {
      module: ConfigModule,
      providers: [{ provide: ChartlyConfig, useValue: config }],
      exports: [ChartlyConfig],
    };
  }
}
