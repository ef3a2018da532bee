import { ChartlyError, FieldProblem } from './errors';

/** RFC 9457 problem details; `type` is stable per `code`. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly requestId?: string;
  readonly errors?: readonly FieldProblem[];
  readonly permission?: string;
}

export const PROBLEM_CONTENT_TYPE = 'application/problem+json';

/** The public face of an error. What an internal error was caused by stays in the log. */
export function toProblem(error: ChartlyError, requestId?: string): Problem {
  return {
    type: `urn:chartly:problem:${error.code}`,
    title: error.title,
    status: error.status,
    code: error.code,
    detail: error.message,
    ...(requestId === undefined ? {} : { requestId }),
    ...(error.details.fields === undefined ? {} : { errors: error.details.fields }),
    ...(error.details.permission === undefined ? {} : { permission: error.details.permission }),
  };
}
