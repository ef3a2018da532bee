import fc from 'fast-check';
import { locateAll, Location } from './locate';

/** Every place of a value with what is there. */
function* placesIn(value: unknown, location: Location = []): Generator<[Location, unknown]> {
  yield [location, value];
  if (Array.isArray(value)) for (const [at, item] of value.entries()) yield* placesIn(item, [...location, at]);
  else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) yield* placesIn(member, [...location, name]);
  }
}

describe('locateAll', () => {
  it('finds every value of every JSON text where it lies', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(0, 2), (value, indent) => {
        const parsed: unknown = JSON.parse(JSON.stringify(value));
        const body = Buffer.from(` ${JSON.stringify(parsed, undefined, indent)}\n`);
        const places = [...placesIn(parsed)];
        const located = locateAll(
          body,
          places.map(([location]) => location),
        );
        places.forEach(([, expected], at) => {
          const { start, end } = located[at]!; // one each
          expect(JSON.parse(body.toString('utf8', start, end))).toEqual(expected);
        });
      }),
    );
  });

  it('cuts numbers out as they came', () => {
    const body = Buffer.from('{"a":[{"id": 12345678901234567890},{"id":1.0}]}');
    const [one, two] = locateAll(body, [
      ['a', 0],
      ['a', 1, 'id'],
    ]);
    expect(body.toString('utf8', one?.start, one?.end)).toBe('{"id": 12345678901234567890}');
    expect(body.toString('utf8', two?.start, two?.end)).toBe('1.0');
  });

  it('takes the last of two members of one name, as JSON.parse does', () => {
    const body = Buffer.from('{"a":1,"a":[2,3]}');
    const [place] = locateAll(body, [['a', 1]]);
    expect(body.toString('utf8', place?.start, place?.end)).toBe('3');
  });
});
