import { MODULE_METADATA } from '@nestjs/common/constants';
import { IsOptional, IsString, ValidateIf } from 'class-validator';
import * as fc from 'fast-check';
import { Ctor } from '#libs/contracts/contract';
import { ChartlyError } from '#libs/errors/errors';
import { GatewayModule } from '../gateway.module';
import { routeArguments } from '../openapi/route-arguments';
import { propertiesOf } from '../openapi/schemas';
import { RunParams, RunsQuery } from '../routes/params.dto';
import { quickCheck } from './quick-check';
import { RequestValidation } from './validation.pipe';

/** What every route of the gateway takes from its path and its query. */
function declaredDtos(): Ctor<object>[] {
  const controllers = Reflect.getMetadata(MODULE_METADATA.CONTROLLERS, GatewayModule) as Ctor<object>[];
  const all = controllers.flatMap((controller) =>
    Object.getOwnPropertyNames(controller.prototype).flatMap((name) => {
      const { params, query } = routeArguments(controller, name);
      return [params, query].flatMap((dto) => (dto ? [dto as Ctor<object>] : []));
    }),
  );
  return [...new Set(all)];
}

const LIKELY = [
  'default',
  'a-name',
  '0190f5c4-0000-7000-8000-000000000001',
  '1',
  '0',
  '-1',
  '1.5',
  '1e3',
  ' 1',
  '',
  'true',
  'pipelines',
  'succeeded',
  'GET',
  '/v1/x',
  '2026-01-01T00:00:00Z',
  'x'.repeat(300),
];

const validation = new RequestValidation();

async function slowCheck(dto: Ctor<object>, values: object): Promise<unknown> {
  try {
    return await validation.transform({ ...values }, { type: 'query', metatype: dto });
  } catch (thrown) {
    if (thrown instanceof ChartlyError) return undefined;
    throw thrown;
  }
}

describe('the quick check of parameters', () => {
  it('takes nothing that class-validator would not take, nor makes anything else of it', async () => {
    const dtos = declaredDtos();
    expect(dtos.length).toBeGreaterThan(20);
    const value = fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(...LIKELY) },
      { weight: 2, arbitrary: fc.string() },
      { weight: 1, arbitrary: fc.array(fc.string(), { maxLength: 2 }) },
    );
    const asked = fc.constantFrom(...dtos).chain((dto) => {
      const names = [...propertiesOf(dto).map(({ name }) => name), 'other', '__proto__', 'constructor'];
      return fc.tuple(fc.constant(dto), fc.dictionary(fc.constantFrom(...names), value, { maxKeys: names.length }));
    });
    await fc.assert(
      fc.asyncProperty(asked, async ([dto, values]) => {
        const quick = quickCheck(dto)(values);
        if (quick === undefined) return;
        const slow = await slowCheck(dto, values);
        expect(slow).toBeInstanceOf(dto);
        expect(quick).toBeInstanceOf(dto);
        expect({ ...quick }).toEqual({ ...(slow as object) });
      }),
      { numRuns: 1_000 },
    );
  });

  it('takes what is right', () => {
    const project = 'default';
    const run = '0190f5c4-0000-7000-8000-000000000001';
    expect(quickCheck(RunParams)({ project, run })).toEqual({ project, run });
    expect(quickCheck(RunParams)({ project, run: 'x' })).toBeUndefined();
    expect(quickCheck(RunsQuery)({ limit: '5', state: 'succeeded' })).toEqual({ limit: 5, state: 'succeeded' });
    expect(quickCheck(RunsQuery)({})).toEqual({});
  });

  it('leaves to class-validator what is more than a plain rule of a plain text', () => {
    class Conditional {
      @ValidateIf(({ a }: { a?: string }) => a === 'text') @IsString() b?: string;
      @IsOptional() @IsString() a?: string;
    }
    class EachOne {
      @IsString({ each: true }) many: string;
    }
    class Empty {}
    expect(quickCheck(Conditional)({ a: 'text' })).toBeUndefined();
    expect(quickCheck(Conditional)({ a: 'other' })).toEqual({ a: 'other' });
    expect(quickCheck(EachOne)({ many: 'a' })).toBeUndefined();
    expect(quickCheck(Empty)({})).toBeUndefined();
    expect(quickCheck(Conditional)(null)).toBeUndefined();
  });
});
