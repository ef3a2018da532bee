import { RouteConfig } from '@nestjs/platform-fastify';
import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query } from '@nestjs/common';
import { OmitType } from '@nestjs/swagger';
import { IsArray, IsString } from 'class-validator';
import { AnalyticsContract, QueryReply } from '#libs/contracts/analytics.contract';
import { DatasetDescription, RowPage } from '#libs/contracts/dataset-rows';
import { EraseRows, ErasureReceipt } from '#libs/contracts/erasure';
import { IMPORT_FORMATS, ImportReceipt } from '#libs/contracts/imports';
import { rowIdOf } from '#libs/contracts/row-id';
import { StorageContract } from '#libs/contracts/storage.contract';
import { FindRows, FoundRows } from '#libs/contracts/stored-rows';
import { Allow, Audited } from '../access/allow';
import { BodyConfig, kindOf } from '../http/body-parsers';
import { Describe } from '../openapi/route-docs';
import { columnsIn, DatasetParams, ImportQuery, LastRowsQuery, PagedRowsQuery, RANGE_DOCS } from './dataset.dto';

/** Rows by key, as they are asked for; project and dataset stand in the path. */
export class FindBody extends OmitType(FindRows, ['project', 'dataset'] as const) {}

export class IdentifiedRows extends FoundRows {
  /** One a row, for `GET …/rows/{id}/lineage`. */
  @IsArray() @IsString({ each: true }) ids: string[];
}

/** What is to be erased; project and dataset stand in the path. */
export class EraseBody extends OmitType(EraseRows, ['project', 'dataset'] as const) {}

const IMPORT_BODY: BodyConfig = { raw: [...IMPORT_FORMATS] };

/** The rows of datasets, one by one. */
@Controller('v1/projects/:project/datasets/:dataset')
export class DatasetsController {
  constructor(
    private readonly storage: StorageContract,
    private readonly analytics: AnalyticsContract,
  ) {}

  @Get()
  @Allow('data:read')
  @Describe({ summary: 'The columns of a dataset, and what tells its rows apart.', gives: DatasetDescription })
  describe(@Param() ref: DatasetParams): Promise<DatasetDescription> {
    return this.storage.describe(ref);
  }

  @Get('rows')
  @Allow('data:read')
  @Describe({
    summary: 'Rows in the order of time and key, page by page.',
    gives: RowPage,
    query: {
      ...RANGE_DOCS,
      limit: 'Rows in a page, 1 to 10,000; 1,000 when left out.',
      cursor: 'The `next` of the page before.',
    },
    problems: [422],
  })
  rows(@Param() ref: DatasetParams, @Query() { columns, ...range }: PagedRowsQuery): Promise<RowPage> {
    return this.analytics.rows({ ...ref, ...range, ...columnsIn({ columns }) });
  }

  @Get('last')
  @Allow('data:read')
  @Describe({
    summary: 'The newest value of each column, for each series; columns of json are left out.',
    gives: QueryReply,
    query: {
      ...RANGE_DOCS,
      by: 'The columns that make a series, with commas between; the key when left out.',
      limit: 'Series, 1 to 100,000; 1,000 when left out.',
    },
    problems: [422],
  })
  last(@Param() ref: DatasetParams, @Query() { columns, by, ...range }: LastRowsQuery): Promise<QueryReply> {
    return this.analytics.lastRows({ ...ref, ...range, ...columnsIn({ columns, by }) });
  }

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

  @Post('import')
  @HttpCode(200)
  @Allow('data:write')
  @Audited('dataset.import')
  @RouteConfig(IMPORT_BODY)
  @Describe({
    summary: 'Stores the rows of a file as they are, all or none; the same file or id again stores nothing more.',
    takesRaw: ['application/x-ndjson', 'text/csv', 'application/vnd.apache.parquet'],
    gives: ImportReceipt,
    query: { id: 'Names the import; the SHA-256 of the body when left out.' },
    problems: [409],
    idempotencyKey: true,
  })
  import(
    @Param() ref: DatasetParams,
    @Query() { id }: ImportQuery,
    @Headers('content-type') type: string | undefined,
    @Body() body: Uint8Array | undefined,
  ): Promise<ImportReceipt> {
    const kind = kindOf(type);
    const format = IMPORT_FORMATS.find((one) => one === kind) ?? 'ndjson';
    return this.storage.importRows({
      ...ref,
      format,
      body: body ?? new Uint8Array(),
      ...(id === undefined ? {} : { id }),
    });
  }

  @Post('erasures')
  @HttpCode(200)
  @Allow('data:erase')
  @Audited('dataset.erase')
  @Describe({
    summary: 'Deletes the rows of a subject for good, from rollups too; the same eraseId again deletes nothing more.',
    takes: EraseBody,
    gives: ErasureReceipt,
    idempotencyKey: true,
  })
  erase(@Param() ref: DatasetParams, @Body() body: EraseBody): Promise<ErasureReceipt> {
    return this.storage.erase({ ...body, ...ref });
  }
}
