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

  it('is read from the elements of xml, of which one may be there several times, or be empty', () => {
    const xml = (...records: string[]): Shape =>
      shapeOf([{ format: 'xml', payload: Buffer.from(`<all>${records.join('')}</all>`), count: records.length }]);
    const known = xml(
      '<item id="1"><tag>a</tag><by><name>x</name></by></item>',
      '<item><tag>a</tag><tag>b</tag></item>',
    );
    expect(known).toEqual({ '@id': ['string'], tag: ['string'], by: ['object'], 'by.name': ['string'] });
    expect(driftOf(known, xml('<item><tag/><by/></item>', '<item id="2"><tag>c</tag><tag/></item>'))).toEqual([]);
    expect(driftOf(known, xml('<item><by>x</by><new/></item>'))).toEqual(['by is string, was object', 'new field new']);
  });

  it('takes members by any name', () => {
    const known = json({ a: 1 });
    expect(driftOf(known, json(JSON.parse('{"__proto__": 1, "constructor": 2}')))).toHaveLength(2);
  });
});
