import { Type } from 'class-transformer';
import { IsArray, IsOptional, IsString, ValidateNested } from 'class-validator';
import { nullFields } from './null-fields';
import { RequestValidation } from './validation.pipe';

class Inner {
  @IsOptional() @IsString() note?: string;
  @IsOptional() @ValidateNested() @Type(() => Inner) next?: Inner;
}

class Outer {
  @IsString() name: string;
  @IsOptional() @IsArray() @ValidateNested({ each: true }) @Type(() => Inner) items?: Inner[];
}

describe('null in a body', () => {
  it('is refused where a field may be left out, at any depth, by the path of the field', () => {
    const value = { name: 'x', items: [{ note: null }, { next: { note: null } }] };
    expect(nullFields(Outer, value).map(({ path }) => path)).toEqual(['items.0.note', 'items.1.next.note']);
    expect(nullFields(Outer, { name: 'x', items: null }).map(({ path }) => path)).toEqual(['items']);
  });

  it('is left to the other rules elsewhere, and to nobody where there is none', () => {
    expect(nullFields(Outer, { name: null, unknown: null })).toEqual([]);
    for (const value of [null, 1, 'text', [null], { name: 'x', items: [null, 1] }]) {
      expect(nullFields(Outer, value)).toEqual([]);
    }
  });

  it('is not looked for among the bytes of a body', () => {
    const bytes = Object.assign(Buffer.from('null'), { items: null });
    expect(nullFields(Outer, bytes)).toEqual([]);
    expect(nullFields(Outer, { name: 'x', items: [bytes] })).toEqual([]);
  });

  it('is a 422 that names the field', async () => {
    const asked = new RequestValidation().transform({ name: 'x', items: null }, { type: 'body', metatype: Outer });
    await expect(asked).rejects.toMatchObject({
      status: 422,
      message: 'items: must not be null; leave it out.',
      details: { fields: [{ path: 'items', message: 'must not be null; leave it out' }] },
    });
  });
});
