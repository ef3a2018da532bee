import { Type } from 'class-transformer';
import { IsArray, IsIn, IsOptional, ValidateNested } from 'class-validator';
import { IsShortText } from './fields';

export const BACKUP_STATES = ['running', 'done', 'failed'] as const;

/** A backup of everything that the embedded engines hold. */
export class BackupState {
  @IsShortText(40) backup: string;
  @IsIn(BACKUP_STATES) state: (typeof BACKUP_STATES)[number];
  /** Its folder on the server's machine. */
  @IsShortText(4_000) folder: string;
  /** Why it failed. */
  @IsOptional() @IsShortText(2_000) reason?: string;
}

export class BackupStates {
  @IsArray() @ValidateNested({ each: true }) @Type(() => BackupState) backups: BackupState[];
}

export class NoQuestion {}
