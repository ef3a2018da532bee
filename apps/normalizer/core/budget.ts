/** Steps that one expression may take over one record; about 20 ms at worst (rule 27). */
export const EXPRESSION_MAX_STEPS = 50_000;
/** Steps that all expressions together may take over one record and the items it splits into; under a second at worst. */
export const RECORD_MAX_STEPS = 2_000_000;
/** The longest text, and the longest list, that an expression may build. */
export const BUILT_MAX_LENGTH = 1_048_576;
const CHARS_PER_STEP = 64;

/**
 * Counts the work of one evaluation and of one record, and ends it when it is too much. It counts steps and not time, so that the same
 * record always ends the same way.
 */
class Budget {
  private left = 0;
  private recordLeft = RECORD_MAX_STEPS;

  beginRecord(): void {
    this.recordLeft = RECORD_MAX_STEPS;
  }

  /** What the record under way took so far. */
  get recordSteps(): number {
    return RECORD_MAX_STEPS - this.recordLeft;
  }

  /** Throws when the record's share is spent. */
  beginExpression(): void {
    this.left = EXPRESSION_MAX_STEPS;
    this.spend(1);
  }

  /** Throws when the budget is spent. */
  spend(steps: number): void {
    this.left -= steps;
    this.recordLeft -= steps;
    if (this.left < 0) throw new Error(`took more than ${EXPRESSION_MAX_STEPS} steps; loop over fewer items`);
    if (this.recordLeft < 0) {
      throw new Error(`the record took more than ${RECORD_MAX_STEPS} steps; split it into fewer items`);
    }
  }

  /** The price of taking an item of a split through steps of this weight. */
  spendOnItem(weight: number): void {
    this.left = EXPRESSION_MAX_STEPS;
    this.spend(weight);
  }

  /** The price of looking at a whole value once. */
  spendOn(value: unknown): void {
    if (typeof value === 'string') this.spend(Math.ceil(value.length / CHARS_PER_STEP));
    else if (Array.isArray(value)) this.spend(value.length);
  }

  /** Returns the value, unless it grew too long. */
  checkBuilt(value: unknown): unknown {
    if (typeof value === 'string' || Array.isArray(value)) this.checkLength(value.length);
    return value;
  }

  checkLength(length: number): void {
    if (length > BUILT_MAX_LENGTH)
      throw new Error(`built a value of more than ${BUILT_MAX_LENGTH} characters or items`);
  }
}

/** The one of this thread: expressions are evaluated one at a time. */
export const budget = new Budget();
