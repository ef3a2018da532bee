/** Steps that one expression may take over one record: a step is about 20 ns, all of them about 20 ms (rule 27). */
export const EXPRESSION_MAX_STEPS = 1_000_000;
/** Steps that all expressions together may take over one record and the items it splits into; under a second. */
export const RECORD_MAX_STEPS = 40_000_000;
/** The longest text, and the longest list, that an expression may build. */
export const BUILT_MAX_LENGTH = 1_048_576;

/** Characters of a text that one step looks at. */
const CHARS_PER_STEP = 16;
/** What an item of a list costs that is copied. */
const ITEM_STEPS = 2;
/** What it costs to learn the keys of an object, for each, and to look up its member. */
const KEY_STEPS = 16;
const MEMBER_STEPS = 24;
/** What a field of an item of a split costs. */
const FIELD_STEPS = 20;

/** Made once: loops swallow errors, and making one costs more than a turn. */
const EXPRESSION_SPENT = new Error(`took more than ${EXPRESSION_MAX_STEPS} steps; loop over fewer items`);
const RECORD_SPENT = new Error(`the record took more than ${RECORD_MAX_STEPS} steps; split it into fewer items`);

/**
 * Counts the work of one evaluation and of one record, and ends it when it is too much. It counts steps and not time, so that the same
 * record always ends the same way.
 */
class Budget {
  private left = 0;
  private recordLeft = RECORD_MAX_STEPS;

  /** Why the expression under way has to end, if it has: whatever it gives then counts for nothing. */
  get spent(): Error | undefined {
    if (this.left < 0) return EXPRESSION_SPENT;
    return this.recordLeft < 0 ? RECORD_SPENT : undefined;
  }

  beginRecord(): void {
    this.recordLeft = RECORD_MAX_STEPS;
  }

  /** What the record under way took so far. */
  get recordSteps(): number {
    return RECORD_MAX_STEPS - this.recordLeft;
  }

  /** What the expression under way, or the last one, took. */
  get expressionSteps(): number {
    return EXPRESSION_MAX_STEPS - this.left;
  }

  /** Throws when the record's share is spent. `steps`: what it takes without loops. */
  beginExpression(steps: number): void {
    this.left = EXPRESSION_MAX_STEPS;
    this.spend(steps);
  }

  /** Throws when the budget is spent. */
  spend(steps: number): void {
    this.left -= steps;
    this.recordLeft -= steps;
    if (this.left < 0) throw EXPRESSION_SPENT;
    if (this.recordLeft < 0) throw RECORD_SPENT;
  }

  /** The price of taking an item of a split through steps of this weight. */
  spendOnItem(weight: number): void {
    this.left = EXPRESSION_MAX_STEPS;
    this.spend(weight * FIELD_STEPS);
  }

  /** The price of looking at each character of a text once. */
  spendOnText(value: unknown): void {
    if (typeof value === 'string') this.spend(Math.ceil(value.length / CHARS_PER_STEP));
    else if (value instanceof Uint8Array) this.spend(Math.ceil(value.length / CHARS_PER_STEP));
  }

  /** The price of looking at a value's outside: a text, the keys of an object. */
  spendOnOutside(value: unknown): void {
    if (typeof value === 'number') return;
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (!isObject || value instanceof Uint8Array) this.spendOnText(value);
    else this.spend(Object.keys(value).length * KEY_STEPS);
  }

  /** The price of looking at a value and all that it holds; it ends as soon as there is nothing left to spend. */
  spendOnWhole(value: unknown): void {
    if (typeof value !== 'object' || value === null) return this.spendOnText(value);
    this.spend(1);
    this.spendOnOutside(value);
    if (!Array.isArray(value)) this.spend(Object.keys(value).length * MEMBER_STEPS);
    for (const member of Array.isArray(value) ? (value as readonly unknown[]) : Object.values(value)) {
      if (typeof member === 'object' || typeof member === 'string') this.spendOnWhole(member);
      else this.spend(1);
    }
  }

  /** The price of copying the items of a list. */
  spendOnItems(value: unknown): void {
    if (Array.isArray(value)) this.spend(value.length * ITEM_STEPS);
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
