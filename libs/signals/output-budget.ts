import { PayloadTooLarge } from '#libs/errors/errors';

/** Records that one request may become. Senders batch some thousands. */
export const RECORDS_MAX = 100_000;
/** Length of the name or of the value of a label or an attribute. Unit: UTF-16 code units. */
export const LABEL_MAX_CHARS = 64 * 1024;

export const requestTooLarge = (what: string): PayloadTooLarge =>
  new PayloadTooLarge('events.too_large', `The request ${what}. Nothing was taken. Send it in parts.`);

/** Throws PayloadTooLarge `events.too_large` for a name or a value over {@link LABEL_MAX_CHARS}. */
export function checkLabel(text: string): void {
  if (text.length > LABEL_MAX_CHARS) {
    throw requestTooLarge(`has a label or an attribute of more than ${LABEL_MAX_CHARS} characters`);
  }
}

/**
 * What the records of one request may come to as text. A request says once what each of its records repeats (a series'
 * labels, a resource), so the sum is held to its limit before any text is made.
 */
export class OutputBudget {
  private bytes = 0;
  private records = 0;

  constructor(private readonly maxBytes: number) {}

  /** Counts `records` of at least `bytesEach`. Throws PayloadTooLarge `events.too_large` past either limit. */
  take(bytesEach: number, records = 1): void {
    this.records += records;
    this.bytes += bytesEach * records;
    if (this.records > RECORDS_MAX) throw requestTooLarge(`holds more than ${RECORDS_MAX} records`);
    if (this.bytes > this.maxBytes) {
      throw requestTooLarge(
        `becomes more than ${this.maxBytes} bytes of records (CHARTLY_BODY_INFLATED_MAX_BYTES), since each repeats its labels or its resource`,
      );
    }
  }
}

/** The size of a value as JSON in UTF-8. Unit: bytes. */
export const jsonBytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '');
