import jsonata from 'jsonata';
import type { Reshaped } from '../core/run';
import type { ReshapeReply, ReshapeRequest } from './messages';

/** The process that evaluates users' JSONata: it holds nothing, and its parent ends it when it takes too long. */
const EXPRESSIONS_MAX = 50;
const RESULT_MAX_CHARS = 1_048_576;
const REASON_MAX_CHARS = 500;

/** What gives something else each time would make a replay give other rows. */
const impure = (name: string) => (): never => {
  throw new Error(`$${name}() is not the same twice, and a mapping must be`);
};
const BINDINGS = Object.fromEntries(['now', 'millis', 'random', 'shuffle'].map((name) => [name, impure(name)]));

const expressions = new Map<string, jsonata.Expression>();

function expressionOf(source: string): jsonata.Expression {
  const known = expressions.get(source);
  if (known) return known;
  const expression = jsonata(source);
  if (expressions.size >= EXPRESSIONS_MAX) expressions.clear();
  expressions.set(source, expression);
  return expression;
}

async function reshaped(source: string, text: string): Promise<Reshaped> {
  try {
    const input: unknown = JSON.parse(text);
    const value: unknown = await expressionOf(source).evaluate(input, BINDINGS);
    const json = JSON.stringify(value) as string | undefined; // undefined for undefined, whatever its type says
    if (json === undefined) return { reason: 'the expression gave nothing' };
    if (json.length > RESULT_MAX_CHARS)
      return { reason: `the expression gave more than ${RESULT_MAX_CHARS} characters` };
    return { json };
  } catch (thrown) {
    const message: unknown = typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, 'message') : thrown;
    return { reason: String(message).slice(0, REASON_MAX_CHARS) };
  }
}

/** Tells of each record as soon as it is done, so that the parent knows which one it waits for. */
async function answer({ jsonata: source, texts }: ReshapeRequest): Promise<void> {
  for (const text of texts) tell(await reshaped(source, text));
}

function tell(reply: ReshapeReply): void {
  process.send?.(reply);
}

process.on('message', (request: ReshapeRequest) => {
  void answer(request);
});
process.on('disconnect', () => process.exit(0));
tell('ready');
