import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { OmitType } from '@nestjs/swagger';
import { ArchiveRows, ArchiveWork, ArchiveWorks, RestoreArchive } from '#libs/contracts/archives';
import { IsId } from '#libs/contracts/fields';
import { StorageContract } from '#libs/contracts/storage.contract';
import { Allow, Audited } from '../access/allow';
import { Describe } from '../openapi/route-docs';
import { DatasetParams } from './dataset.dto';

class ArchiveParams extends DatasetParams {
  @IsId() archive: string;
}

/** The range that is wanted; project and dataset stand in the path. */
export class ArchiveBody extends OmitType(ArchiveRows, ['project', 'dataset'] as const) {}

/** Where the rows go; the archive stands in the path. */
export class RestoreBody extends OmitType(RestoreArchive, ['project', 'dataset', 'archive'] as const) {}

/** Copies of datasets in the object store. */
@Controller('v1/projects/:project/datasets/:dataset/archives')
export class ArchivesController {
  constructor(private readonly storage: StorageContract) {}

  @Post()
  @HttpCode(202)
  @Allow('data:write')
  @Audited('dataset.archive')
  @Describe({
    summary: 'Begins to copy the rows of a dataset, or of a range of it, to the object store.',
    takes: ArchiveBody,
    gives: ArchiveWork,
    status: 202,
    idempotencyKey: true,
  })
  archive(@Param() ref: DatasetParams, @Body() body: ArchiveBody): Promise<ArchiveWork> {
    return this.storage.archive({ ...body, ...ref });
  }

  @Get()
  @Allow('data:read')
  @Describe({ summary: 'Archives and restores of a dataset, the newest first.', gives: ArchiveWorks })
  list(@Param() ref: DatasetParams): Promise<ArchiveWorks> {
    return this.storage.archives(ref);
  }

  @Delete(':archive')
  @HttpCode(202)
  @Allow('data:erase')
  @Audited('dataset.archive_delete')
  @Describe({
    summary: 'Begins to delete an archive, with all of its objects. No row of a dataset goes with it.',
    gives: ArchiveWork,
    status: 202,
    problems: [409],
  })
  remove(@Param() ref: ArchiveParams): Promise<ArchiveWork> {
    return this.storage.removeArchive(ref);
  }

  @Post(':archive/restore')
  @HttpCode(202)
  @Allow('data:write')
  @Audited('dataset.restore')
  @Describe({
    summary: 'Begins to store the rows of an archive; those that are there already are not stored again.',
    takes: RestoreBody,
    gives: ArchiveWork,
    status: 202,
    idempotencyKey: true,
  })
  restore(@Param() ref: ArchiveParams, @Body() body: RestoreBody): Promise<ArchiveWork> {
    return this.storage.restoreArchive({ ...body, ...ref });
  }
}
