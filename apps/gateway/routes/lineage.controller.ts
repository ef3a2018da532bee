import { Controller, Get, Param, Query } from '@nestjs/common';
import { Transform, Type } from 'class-transformer';
import { IsInt, IsObject, IsOptional, Max, Min } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { IsName, IsShortText } from '#libs/contracts/fields';
import { LINEAGE_ROWS_MAX, RowLineage, RowLineages } from '#libs/contracts/lineage';
import { IsRowId } from '#libs/contracts/row-id';
import { NormalizerContract } from '#libs/contracts/normalizer.contract';
import { Allow } from '../access/allow';
import { Describe } from '../openapi/route-docs';
import { ProjectParams } from './params.dto';

class DatasetParams extends ProjectParams {
  @IsName() dataset: string;
}

class RowParams extends DatasetParams {
  @IsRowId() row: string;
}

/** What is no JSON stays a text, which is no object and so is refused. */
const parsed = ({ value }: { value: unknown }): unknown => {
  try {
    return JSON.parse(String(value)) as unknown;
  } catch {
    return value;
  }
};

class LineageQuery {
  @Transform(parsed)
  @JSONSchema({ type: 'string' })
  @IsObject({ message: 'key must be a JSON object with a value for each column of the key' })
  key: Readonly<Record<string, string | number | boolean>>;
  @IsOptional() @IsShortText(40) at?: string;
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(LINEAGE_ROWS_MAX) limit?: number;
}

@Controller('v1/projects/:project/datasets/:dataset')
export class LineageController {
  constructor(private readonly normalizer: NormalizerContract) {}

  @Get('lineage')
  @Allow('quarantine:read')
  @Describe({
    summary: 'Where the rows of a key came from: batch, raw record, pipeline version and steps.',
    gives: RowLineages,
    query: {
      key: 'A JSON object with a value for each column of the key.',
      at: 'Only the row of this time, RFC 3339.',
      limit: 'Rows, the newest first, 1 to 10; 1 when left out.',
    },
  })
  lineage(@Param() { project, dataset }: DatasetParams, @Query() query: LineageQuery): Promise<RowLineages> {
    return this.normalizer.lineage({ project, dataset, ...query });
  }

  @Get('rows/:row/lineage')
  @Allow('quarantine:read')
  @Describe({
    summary: 'Where one row came from: batch, raw record, pipeline version and steps. Rows by key give the id.',
    gives: RowLineage,
  })
  rowLineage(@Param() { project, dataset, row }: RowParams): Promise<RowLineage> {
    return this.normalizer.rowLineage({ project, dataset, id: row });
  }
}
