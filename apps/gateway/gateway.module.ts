import { Module } from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR, APP_PIPE, DiscoveryModule } from '@nestjs/core';
import { PassportModule } from '@nestjs/passport';
import { ClockModule } from '#libs/clock/clock';
import { AccessGuard } from './access/access.guard';
import { CredentialStrategy } from './access/credential.strategy';
import { Principals } from './access/principals';
import { RouteCheck } from './access/route-check';
import { RequestScope } from './http/request-scope.interceptor';
import { RequestValidation } from './http/validation.pipe';
import { AuditController } from './routes/audit.controller';
import { DataController } from './routes/data.controller';
import { DocumentsController } from './routes/documents.controller';
import { EventsController } from './routes/events.controller';
import { KeysController } from './routes/keys.controller';
import { LedgerController } from './routes/ledger.controller';
import { RunsController } from './routes/runs.controller';
import { SetupController } from './setup-page/setup.controller';

/** The front door: the public REST API over the contracts of the other services. */
@Module({
  imports: [ClockModule, DiscoveryModule, PassportModule],
  controllers: [
    DocumentsController,
    EventsController,
    RunsController,
    DataController,
    LedgerController,
    AuditController,
    KeysController,
    SetupController,
  ],
  providers: [
    Principals,
    CredentialStrategy,
    RouteCheck,
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_INTERCEPTOR, useClass: RequestScope },
    { provide: APP_PIPE, useClass: RequestValidation },
  ],
})
export class GatewayModule {}
