import { Body, Controller, Get, HttpCode, Param, Post, Query, StreamableFile } from '@nestjs/common';
import { OmitType } from '@nestjs/swagger';
import { AnalyticsContract, ExportQuery } from '#libs/contracts/analytics.contract';
import { ExportSql } from '#libs/contracts/sql';
import { EXPORT_FORMATS } from '#libs/tabular/formats';
import { Allow, Audited } from '../access/allow';
import { exportedAs } from '../http/exported-as';
import { Describe } from '../openapi/route-docs';
import { columnsIn, DatasetParams, ExportRangeQuery, FORMAT_DOCS, FormatQuery, RANGE_DOCS } from './dataset.dto';
import { ProjectParams } from './params.dto';

/** A question as it is posted; the project stands in the path. */
export class ExportQueryBody extends OmitType(ExportQuery, ['project'] as const) {}

/** A statement as it is posted. */
export class ExportSqlBody extends OmitType(ExportSql, ['project'] as const) {}

const FILES = Object.values(EXPORT_FORMATS).map(({ type }) => type.split(';')[0] ?? type);

/** Rows as files for other tools, however many there are. */
@Controller('v1/projects/:project')
export class ExportsController {
  constructor(private readonly analytics: AnalyticsContract) {}

  @Get('datasets/:dataset/export')
  @Allow('data:read')
  @Audited('data.export')
  @Describe({
    summary: 'All rows of a dataset, or of a range of it, of one moment. Leaves one audit entry.',
    givesRaw: FILES,
    query: { ...FORMAT_DOCS, ...RANGE_DOCS },
    problems: [422],
  })
  dataset(
    @Param() ref: DatasetParams,
    @Query() { format, columns, ...range }: ExportRangeQuery,
  ): Promise<StreamableFile> {
    return exportedAs(format, ref.dataset, () =>
      this.analytics.exportQuery({ ...ref, ...range, ...columnsIn({ columns }) }),
    );
  }

  @Post('query/export')
  @HttpCode(200)
  @Allow('data:read')
  @Audited('data.export')
  @Describe({
    summary: 'All rows that a question comes to, of one moment. Leaves one audit entry.',
    takes: ExportQueryBody,
    givesRaw: FILES,
    query: FORMAT_DOCS,
  })
  query(
    @Param() { project }: ProjectParams,
    @Query() { format }: FormatQuery,
    @Body() body: ExportQueryBody,
  ): Promise<StreamableFile> {
    return exportedAs(format, body.dataset ?? body.rollup ?? 'rows', () =>
      this.analytics.exportQuery({ ...body, project }),
    );
  }

  @Post('sql/export')
  @HttpCode(200)
  @Allow('data:read')
  @Audited('data.export')
  @Describe({
    summary: 'All rows of one SELECT, of one moment. Leaves one audit entry.',
    takes: ExportSqlBody,
    givesRaw: FILES,
    query: FORMAT_DOCS,
  })
  sql(
    @Param() { project }: ProjectParams,
    @Query() { format }: FormatQuery,
    @Body() body: ExportSqlBody,
  ): Promise<StreamableFile> {
    return exportedAs(format, 'rows', () => this.analytics.exportSql({ ...body, project }));
  }
}
