import { driftOf, merged, Shape, shapeOf } from './shape';

const json = (...records: unknown[]): Shape =>
  shapeOf([{ format: 'json', payload: Buffer.from(JSON.stringify(records)), count: records.length }]);

describe('the shape of records', () => {
  it('is the types of every field, inside lists and objects too', () => {
    expect(json({ a: 1, b: { c: 'x' } }, { a: '1', b: null, d: [{ e: true }] })).toEqual({
      a: ['number', 'string'],
      b: ['object'],
      'b.c': ['string'],
      d: ['list'],
      'd[]': ['object'],
      'd[].e': ['boolean'],
    });
    const csv = { format: 'csv', payload: Buffer.from('id,name\n1,x\n'), count: 1 } as const;
    expect(shapeOf([csv])).toEqual({ id: ['string'], name: ['string'] });
  });

  it('drifts by a new field and by another type, and not by what is null or missing', () => {
    const known = json({ a: 1, b: 'x', n: null });
    expect(driftOf(known, json({ a: 2 }, { a: null, n: 5 }))).toEqual([]);
    expect(driftOf(known, json({ a: '2', c: 1 }))).toEqual(['a is string, was number', 'new field c (number)']);
    expect(driftOf(merged(known, json({ a: '2', c: 1 })), json({ a: '3', c: 1 }))).toEqual([]);
  });

  it('is read from lines that are JSON, whatever the others are', () => {
    const lines = { format: 'ndjson', payload: Buffer.from('{"a":1}\nnot json\n'), count: 2 } as const;
    expect(shapeOf([lines])).toEqual({ a: ['number'] });
  });

  it('takes members by any name', () => {
    const known = json({ a: 1 });
    expect(driftOf(known, json(JSON.parse('{"__proto__": 1, "constructor": 2}')))).toHaveLength(2);
  });
});
