import { OmitType } from '@nestjs/swagger';
import { QueryRequest } from '#libs/contracts/analytics.contract';
import { SqlRequest } from '#libs/contracts/sql';

/** A question as it is posted; the project stands in the path. */
export class QueryBody extends OmitType(QueryRequest, ['project'] as const) {}

/** A statement as it is posted. */
export class SqlBody extends OmitType(SqlRequest, ['project'] as const) {}
