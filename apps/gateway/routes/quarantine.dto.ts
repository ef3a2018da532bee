import { OmitType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsRFC3339, IsOptional, Max, Min } from 'class-validator';
import { IsId, IsName, IsShortText } from '#libs/contracts/fields';
import { InUtc } from '../http/utc';
import {
  DiscardQuarantined,
  IsRecordId,
  RECORD_STATES,
  RecordState,
  RetryQuarantined,
} from '#libs/contracts/quarantine';
import { PageQuery, ProjectParams } from './params.dto';

const VERSION_MAX = 2 ** 31 - 1;

export class QuarantineQuery extends PageQuery {
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(VERSION_MAX) version?: number;
  @IsOptional() @IsShortText(200) step?: string;
  @IsOptional() @IsShortText(500) reason?: string;
  @IsOptional() @IsShortText(500) text?: string;
  @IsOptional() @InUtc() @IsRFC3339() from?: string;
  @IsOptional() @InUtc() @IsRFC3339() to?: string;
  @IsOptional() @IsIn(RECORD_STATES) state?: RecordState;
}

export class ProjectQuarantineQuery extends QuarantineQuery {
  @IsOptional() @IsName() pipeline?: string;
}

export class QuarantineRecordParams extends ProjectParams {
  @IsRecordId() record: string;
}

export class QuarantineTaskParams extends ProjectParams {
  @IsId() task: string;
}

export class RetryBody extends OmitType(RetryQuarantined, ['project'] as const) {}

export class DiscardBody extends OmitType(DiscardQuarantined, ['project'] as const) {}
