/** One offending place of an input: where (`path`), what (`message`). */
export interface FieldProblem {
  readonly path: string;
  readonly message: string;
}

export interface ErrorDetails {
  /** The offending places of an input, when there are several or they have a path. */
  readonly fields?: readonly FieldProblem[];
  /** When trying again makes sense, and how long to wait before it. Unit: milliseconds. */
  readonly retryAfterMs?: number;
  /** The permission a caller lacks (403 only). */
  readonly permission?: string;
  readonly cause?: unknown;
}

/**
 * Every error that may leave a service. `code` is stable and dotted (`pipeline.unknown`), `message` is one or two
 * sentences for a person: what went wrong, where, and what to do.
 */
export abstract class ChartlyError extends Error {
  /** The HTTP status that this error becomes on every HTTP surface. */
  abstract readonly status: number;
  /** The short human name of the error's class; the `title` of its problem document. */
  abstract readonly title: string;
  /** True when the same request may succeed later without a change. */
  readonly retryable: boolean = false;

  constructor(
    readonly code: string,
    message: string,
    readonly details: ErrorDetails = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
  }
}

export class BadRequest extends ChartlyError {
  readonly status = 400;
  readonly title = 'Bad request';
}

export class Unauthenticated extends ChartlyError {
  readonly status = 401;
  readonly title = 'Not authenticated';
}

export class Forbidden extends ChartlyError {
  readonly status = 403;
  readonly title = 'Not allowed';
}

export class NotFound extends ChartlyError {
  readonly status = 404;
  readonly title = 'Not found';
}

export class MethodNotAllowed extends ChartlyError {
  readonly status = 405;
  readonly title = 'Method not allowed';
}

export class Conflict extends ChartlyError {
  readonly status = 409;
  readonly title = 'Conflict';
}

export class PreconditionFailed extends ChartlyError {
  readonly status = 412;
  readonly title = 'Precondition failed';
}

export class PayloadTooLarge extends ChartlyError {
  readonly status = 413;
  readonly title = 'Payload too large';
}

export class UnsupportedMediaType extends ChartlyError {
  readonly status = 415;
  readonly title = 'Unsupported media type';
}

export class Unprocessable extends ChartlyError {
  readonly status = 422;
  readonly title = 'Not valid';
}

export class TooManyRequests extends ChartlyError {
  readonly status = 429;
  readonly title = 'Too many requests';
  override readonly retryable = true;
}

/** Something of ours broke; the cause is logged and never shown. */
export class Internal extends ChartlyError {
  readonly status = 500;
  readonly title = 'Internal error';
}

/** A service or engine is away, full or still starting; the same request may succeed later. */
export class Unavailable extends ChartlyError {
  readonly status = 503;
  readonly title = 'Unavailable';
  override readonly retryable = true;
}

/** The deadline of the call passed before an answer came; the outcome is unknown. */
export class DeadlineExceeded extends ChartlyError {
  readonly status = 504;
  readonly title = 'Deadline exceeded';
  override readonly retryable = true;
}
