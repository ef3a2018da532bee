import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { OmitType } from '@nestjs/swagger';
import { IsArray, IsString } from 'class-validator';
import { EraseRows, ErasureReceipt } from '#libs/contracts/erasure';
import { IsName } from '#libs/contracts/fields';
import { rowIdOf } from '#libs/contracts/row-id';
import { StorageContract } from '#libs/contracts/storage.contract';
import { FindRows, FoundRows } from '#libs/contracts/stored-rows';
import { Allow } from '../access/allow';
import { Describe } from '../openapi/route-docs';
import { ProjectParams } from './params.dto';

class DatasetParams extends ProjectParams {
  @IsName() dataset: string;
}

/** Rows by key, as they are asked for; project and dataset stand in the path. */
export class FindBody extends OmitType(FindRows, ['project', 'dataset'] as const) {}

export class IdentifiedRows extends FoundRows {
  /** One a row, for `GET …/rows/{id}/lineage`. */
  @IsArray() @IsString({ each: true }) ids: string[];
}

/** What is to be erased; project and dataset stand in the path. */
export class EraseBody extends OmitType(EraseRows, ['project', 'dataset'] as const) {}

/** The rows of datasets, one by one. */
@Controller('v1/projects/:project/datasets/:dataset')
export class DatasetsController {
  constructor(private readonly storage: StorageContract) {}

  @Post('find')
  @HttpCode(200)
  @Allow('data:read')
  @Describe({
    summary: 'Rows of one key, the newest first, each with the append that stored it.',
    takes: FindBody,
    gives: IdentifiedRows,
  })
  async find(@Param() ref: DatasetParams, @Body() body: FindBody): Promise<IdentifiedRows> {
    const found = await this.storage.find({ ...body, ...ref });
    return { ...found, ids: found.origins.map((origin) => rowIdOf({ key: body.key, origin })) };
  }

  @Post('erasures')
  @HttpCode(200)
  @Allow('data:erase')
  @Describe({
    summary: 'Deletes the rows of a subject for good, from rollups too; the same eraseId again deletes nothing more.',
    takes: EraseBody,
    gives: ErasureReceipt,
  })
  erase(@Param() ref: DatasetParams, @Body() body: EraseBody): Promise<ErasureReceipt> {
    return this.storage.erase({ ...body, ...ref });
  }
}
