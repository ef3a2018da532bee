import { OmitType } from '@nestjs/swagger';
import { QueryRequest } from '#libs/contracts/analytics.contract';

/** A question as it is posted; the project stands in the path. */
export class QueryBody extends OmitType(QueryRequest, ['project'] as const) {}
