import { ClickHouseError } from '@clickhouse/client';
import { ChartlyError, Internal } from '#libs/errors/errors';
import { statementError } from './statement-limits';

const MIB = 2 ** 20;

const failed = (code: string, message = 'what it says'): ChartlyError =>
  new Internal('storage.engine', 'ClickHouse failed.', {
    cause: new ClickHouseError({ code, message, type: 'ANY' }),
  });

describe('what ClickHouse says of a statement', () => {
  it.each([
    ['that it took too long', '159', 'query.cancelled'],
    ['that it took too much memory', '241', 'sql.memory'],
    ['that the quota is used up', '201', 'query.busy'],
    ['that a number leaves its type', '70', 'sql.invalid'],
    ['that an older server has no such function', '46', 'sql.unsupported'],
    ['what our own checks say', '395', 'sql.invalid'],
  ])('tells %s as the other engine would', (_, code, told) => {
    expect(statementError(failed(code), 64 * MIB)).toMatchObject({ code: told });
  });

  it('leaves what is no fault of the statement as it is', () => {
    const thrown = failed('1000');
    expect(statementError(thrown, 64 * MIB)).toBe(thrown);
    expect(statementError('anything', 64 * MIB)).toBe('anything');
  });

  it('tells nothing of the statement as it was printed', () => {
    const message = 'Value cannot be converted into type Int64: In scope SELECT `host` FROM chartly_rows_7';
    expect(statementError(failed('70', message), MIB)).toMatchObject({
      message: 'The statement cannot run: Value cannot be converted into type Int64',
    });
  });

  it('gives the sentence of a check of ours, and nothing of the server around it', () => {
    const message = "[[A text is not JSON.]]: while executing 'FUNCTION throwIf(chartly_rows_7...)'";
    expect(statementError(failed('395', message), MIB)).toMatchObject({
      message: 'The statement cannot run: A text is not JSON.',
    });
  });
});
