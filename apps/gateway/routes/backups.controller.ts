import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { BackupState, BackupStates } from '#libs/contracts/backup';
import { StorageContract } from '#libs/contracts/storage.contract';
import { Allow, Audited } from '../access/allow';
import { Describe } from '../openapi/route-docs';

/** Backups of a Chartly on embedded engines. */
@Controller('v1/backups')
export class BackupsController {
  constructor(private readonly storage: StorageContract) {}

  @Post()
  @HttpCode(202)
  @Allow('system:backup')
  @Audited('system.backup')
  @Describe({
    summary: 'Begins a backup of Postgres, events, objects and keys while all goes on; the list says when it is whole.',
    gives: BackupState,
    status: 202,
    problems: [422],
    idempotencyKey: true,
  })
  begin(): Promise<BackupState> {
    return this.storage.backup({});
  }

  @Get()
  @Allow('system:backup')
  @Describe({ summary: 'Lists backups: those that are whole, and those under way.', gives: BackupStates })
  list(): Promise<BackupStates> {
    return this.storage.backups({});
  }
}
