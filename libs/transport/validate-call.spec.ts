import { Type } from 'class-transformer';
import { IsArray, IsInstance, IsInt, IsOptional, IsString, ValidateNested } from 'class-validator';
import { CONTRACTS } from '#libs/contracts/all';
import { wireOf } from '#libs/contracts/contract';
import { Unprocessable } from '#libs/errors/errors';
import { decode, encode } from './codec';
import { validateCall } from './validate-call';

class Leaf {
  @IsString() name: string;
}
class Tree {
  @IsInt() size: number;
  @IsOptional() @IsString() note?: string;
  @ValidateNested() @Type(() => Leaf) leaf: Leaf;
  @IsArray() @ValidateNested({ each: true }) @Type(() => Leaf) leaves: Leaf[];
  @IsOptional() @IsInstance(Uint8Array) bytes?: Uint8Array;
  @IsOptional() @IsArray() columns?: unknown[];
}
class Nothing {}

const tree = (more: object = {}): object => ({ size: 1, leaf: { name: 'a' }, leaves: [{ name: 'b' }], ...more });

async function fieldsOf(payload: unknown): Promise<string[]> {
  try {
    await validateCall(Tree, payload);
    return [];
  } catch (thrown) {
    if (thrown instanceof Unprocessable) return (thrown.details.fields ?? []).map(({ path }) => path);
    throw thrown;
  }
}

describe('validateCall (rule 23)', () => {
  it('gives the payload as its classes', async () => {
    const taken = await validateCall(Tree, tree());
    expect(taken).toBeInstanceOf(Tree);
    expect(taken.leaf).toBeInstanceOf(Leaf);
    expect(taken.leaves[0]).toBeInstanceOf(Leaf);
  });

  it('takes what came over the wire, optional fields that were left undefined included', async () => {
    const sent = tree({ note: undefined, bytes: Buffer.from('abc') });
    const taken = await validateCall(Tree, decode(encode(sent)));
    expect(Buffer.from(taken.bytes ?? []).toString()).toBe('abc');
  });

  it('copies no bytes and no columns', async () => {
    const bytes = new Uint8Array(8);
    const columns = [{ values: new Float64Array(4) }];
    const taken = await validateCall(Tree, tree({ bytes, columns }));
    expect(taken.bytes).toBe(bytes);
    expect(taken.columns).toBe(columns);
  });

  it.each<[string, object, string]>([
    ['an unknown field', tree({ surprise: 1 }), 'surprise'],
    ['an unknown field that is not set', tree({ surprise: undefined }), 'surprise'],
    ['bytes under an unknown name', tree({ payload: new Uint8Array(1) }), 'payload'],
    ['rows where none belong', tree({ rows: [] }), 'rows'],
    ['an unknown field within', tree({ leaf: { name: 'a', surprise: 1 } }), 'leaf.surprise'],
    [
      'an unknown field within a list',
      tree({ leaves: [{ name: 'a' }, { name: 'b', surprise: 1 }] }),
      'leaves[1].surprise',
    ],
    ['a wrong type', tree({ size: '1' }), 'size'],
    ['a wrong type within', tree({ leaf: { name: 1 } }), 'leaf.name'],
    ['a list where an object belongs', tree({ leaf: [] }), 'leaf'],
    ['a missing field', { leaf: { name: 'a' }, leaves: [] }, 'size'],
    ['text instead of bytes', tree({ bytes: 'abc' }), 'bytes'],
  ])('refuses %s', async (_, payload, path) => {
    const fields = await fieldsOf(payload);
    expect(fields.some((field) => field === path || field.startsWith(`${path}.`) || field.startsWith(`${path}[`))).toBe(
      true,
    );
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'tree'],
    ['a list', [tree()]],
    ['bytes', new Uint8Array(4)],
    ['a map', new Map(Object.entries(tree()))],
    ['an error', new Error('x')],
  ])('refuses %s as a whole', async (_, payload) => {
    await expect(validateCall(Tree, payload)).rejects.toBeInstanceOf(Unprocessable);
  });

  it.each(['__proto__', 'constructor', 'prototype'])(
    'refuses %s as a field, and no object changes by it',
    async (name) => {
      for (const poison of [{ polluted: true }, null, 'x', { prototype: { polluted: true } }]) {
        const own = (value: object): object =>
          Object.defineProperty(value, name, { value: poison, enumerable: true, configurable: true });
        expect(await fieldsOf(own(tree()))).toContain(name);
        expect(await fieldsOf(tree({ leaf: own({ name: 'a' }) }))).toContain(`leaf.${name}`);
        await expect(validateCall(Tree, decode(encode(own(tree()))))).rejects.toBeInstanceOf(Unprocessable);
      }
      expect(Reflect.get({}, 'polluted')).toBeUndefined();
    },
  );

  it('refuses any field where none is declared', async () => {
    expect(await validateCall(Nothing, {})).toBeInstanceOf(Nothing);
    await expect(validateCall(Nothing, { surprise: 1 })).rejects.toBeInstanceOf(Unprocessable);
  });

  it('knows the rules of every request that a contract takes', async () => {
    for (const contract of CONTRACTS) {
      for (const { takes } of Object.values(wireOf(contract).methods)) {
        await expect(validateCall(takes, { surprise: 1 })).rejects.toBeInstanceOf(Unprocessable);
      }
    }
  });
});
