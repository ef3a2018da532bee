import {
  BadRequest,
  ChartlyError,
  Conflict,
  DeadlineExceeded,
  ErrorDetails,
  Forbidden,
  Internal,
  MethodNotAllowed,
  NotFound,
  PayloadTooLarge,
  PreconditionFailed,
  TooManyRequests,
  Unauthenticated,
  Unavailable,
  Unprocessable,
  UnsupportedMediaType,
} from './errors';

/** How an error crosses from one service to another: its own type by name, never its stack. */
export interface WireError {
  readonly type: string;
  readonly code: string;
  readonly message: string;
  readonly details: Omit<ErrorDetails, 'cause'>;
}

type ErrorClass = new (code: string, message: string, details?: ErrorDetails) => ChartlyError;

const CLASSES: ReadonlyMap<string, ErrorClass> = new Map<string, ErrorClass>(
  [
    BadRequest,
    Unauthenticated,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    Conflict,
    PreconditionFailed,
    PayloadTooLarge,
    UnsupportedMediaType,
    Unprocessable,
    TooManyRequests,
    Internal,
    Unavailable,
    DeadlineExceeded,
  ].map((errorClass) => [errorClass.name, errorClass]),
);

/** Any thrown value as a {@link ChartlyError}; what is not one becomes an {@link Internal} that keeps it as its cause. */
export function asChartlyError(thrown: unknown): ChartlyError {
  if (thrown instanceof ChartlyError) return thrown;
  return new Internal('internal', 'Something went wrong on our side. The request id finds the log entry.', {
    cause: thrown,
  });
}

export function toWire(error: ChartlyError): WireError {
  const { cause: _unsent, ...details } = error.details;
  return { type: error.name, code: error.code, message: error.message, details };
}

/** The error that {@link toWire} described; an unknown type (a newer peer) becomes {@link Internal} with its message. */
export function fromWire(wire: WireError): ChartlyError {
  const ErrorType = CLASSES.get(wire.type) ?? Internal;
  return new ErrorType(wire.code, wire.message, wire.details);
}
