import { Cell } from '#libs/contracts/query-plan';

/** Statements that every engine runs, over the rows of the suite, and their answers. */
export const STATEMENTS: readonly (readonly [string, readonly (readonly Cell[])[]])[] = [
  [
    'SELECT * FROM events ORDER BY id LIMIT 1',
    [['1', '2026-03-28T22:30:00.000Z', 'a', 1.5, 10, true, '{"zone":"eu","n":[1,2.5]}']],
  ],
  ['SELECT id FROM events WHERE host IS NULL', [['4']]],
  ['SELECT host, count(*) AS n FROM events GROUP BY host HAVING count(*) > 1', [['a', 3]]],
  [
    'SELECT host, count(*) AS n FROM events GROUP BY host ORDER BY n DESC, host NULLS FIRST',
    [
      ['a', 3],
      [null, 1],
      ['b', 1],
      ['Ärö', 1],
    ],
  ],
  ['SELECT id FROM events ORDER BY host DESC, usage, id', [['5'], ['3'], ['1'], ['2'], ['6'], ['4']]],
  ['SELECT id FROM events ORDER BY usage DESC NULLS FIRST, id', [['4'], ['6'], ['2'], ['1'], ['3'], ['5']]],
  [
    'SELECT count(*), count(usage), count(DISTINCT host), sum(usage), avg(hits), min(host), max(hits) FROM events',
    [[6, 4, 3, 1.5999999999999996, 1801439850950000, 'a', '9007199254740993']],
  ],
  [
    "SELECT count(*) FILTER (WHERE ok), sum(hits) FILTER (WHERE host = 'a'), avg(usage) FILTER (WHERE usage > 0) FROM events",
    [[3, 23, 1.3666666666666665]],
  ],
  [
    'SELECT median(usage), quantile_cont(usage, 0.9), quantile_cont(hits, 0.25), stddev(usage), stddev_pop(usage), var_samp(usage), variance(usage) FROM events',
    [[0.8, 2.2, 5, 2.169485346036397, 1.8788294228055935, 4.706666666666666, 4.706666666666666]],
  ],
  ["SELECT stddev(usage), stddev_pop(usage) FROM events WHERE id = '1'", [[null, 0]]],
  [
    'SELECT corr(usage, usage * 2), covar_pop(usage, usage), covar_samp(usage, usage) FROM events',
    [[1, 3.53, 4.706666666666666]],
  ],
  ['SELECT arg_max(id, usage), arg_min(id, usage), max_by(host, hits) FROM events', [['2', '5', 'Ärö']]],
  ['SELECT bool_and(ok), bool_or(ok), count_if(ok) FROM events', [[false, true, 3]]],
  ['SELECT sum(DISTINCT hits) FROM events WHERE hits < 100', [[28]]],
  ["SELECT any_value(host) FROM events WHERE host = 'b'", [['b']]],
  ['SELECT DISTINCT host FROM events ORDER BY host', [['a'], ['b'], ['Ärö'], [null]]],
  [
    "SELECT DATE '2026-01-31' + INTERVAL 1 MONTH, last_day(DATE '2026-02-10'), DATE '1969-12-31', DATE '0001-01-01'",
    [['2026-02-28T00:00:00.000Z', '2026-02-28', '1969-12-31', '0001-01-01']],
  ],
  [
    "SELECT lower(host), upper(host), length(host), strlen(host), substring(host, 2, 1), substr(host, -2), left(host, 1), right(host, 2) FROM events WHERE id = '5'",
    [['ärö', 'ÄRÖ', 3, 5, 'r', 'rö', 'Ä', 'rö']],
  ],
  [
    "SELECT substr('héllo', 0, 2), substr('héllo', 2), substr('héllo', -9, 6), left('abc', -1), right('abc', -1), left('abc', 9), right('abc', 9), right('abc', 0)",
    [['h', 'éllo', 'hé', 'ab', 'bc', 'abc', 'abc', '']],
  ],
  [
    "SELECT trim('  x '), ltrim('  x '), rtrim(' x  '), contains('abc', 'b'), starts_with('abc', 'ab'), ends_with('abc', 'bc'), strpos('äbc', 'c'), instr('abc', 'x'), contains('abc', '')",
    [['x', 'x ', ' x', true, true, true, 3, 0, true]],
  ],
  [
    "SELECT host || '/' || id, concat(host, '-', id), concat_ws(',', host, id, host) FROM events WHERE id IN ('1', '4') ORDER BY id",
    [
      ['a/1', 'a-1', 'a,1,a'],
      [null, '-4', '4'],
    ],
  ],
  [
    "SELECT md5('a'), sha256('a'), sha1('a')",
    [
      [
        '0cc175b9c0f1b6a831c399e269772661',
        'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb',
        '86f7e437faa5a7fce15d1ddcb9eaeaea377667b8',
      ],
    ],
  ],
  ["SELECT id FROM events WHERE host LIKE '_r_' OR host LIKE 'a%' ORDER BY id", [['1'], ['2'], ['5'], ['6']]],
  [
    "SELECT 'a\\b' LIKE 'a\\b', 'a%b' LIKE 'a$%b' ESCAPE '$', 'axb' LIKE 'a$%b' ESCAPE '$', 'ABC' ILIKE 'a%', 'abc' NOT LIKE 'a%', NULL LIKE 'a', 'ÄB' ILIKE 'äb'",
    [[true, true, false, true, false, null, true]],
  ],
  [
    "SELECT regexp_matches('abc', 'b.'), regexp_full_match('abc', 'b.'), regexp_extract('abc', 'b(.)', 1), regexp_extract('abc', 'b.'), regexp_extract('abc', 'x'), regexp_matches(e'a\\nb', 'a.b')",
    [[true, false, 'c', 'bc', '', false]],
  ],
  [
    "SELECT tags->>'$.zone', json_extract_string(tags, '$.n[1]'), json_extract_string(tags, 'zone') FROM events ORDER BY id",
    [
      ['eu', '2.5', 'eu'],
      ['us', null, 'us'],
      [null, null, null],
      ['{"x":1}', null, '{"x":1}'],
      [null, null, null],
      ['eu', null, 'eu'],
    ],
  ],
  ["SELECT (tags->>'$.n[0]')::DOUBLE + 1 FROM events WHERE id = '1'", [[2]]],
  [
    "SELECT hits / 4, hits // 4, hits % 4, -hits, abs(hits), hits * 2, hits - 1, hits + 1.5 FROM events WHERE id IN ('1', '6') ORDER BY id",
    [
      [2.5, 2, 2, -10, 10, 20, 9, 11.5],
      [-1.75, -1, -3, 7, 7, -14, -8, -5.5],
    ],
  ],
  ['SELECT 1 / 0, 0 / 0.0, 7 // 0, 7 % 0, -7 // 2, -7 % 3', [['Infinity', 'NaN', null, null, -3, -1]]],
  [
    'SELECT usage * 2, usage / 0.5, usage + 1, usage - 0.1, -usage, abs(usage), floor(usage), ceil(usage), round(usage), trunc(usage), sign(usage) FROM events WHERE usage IS NOT NULL ORDER BY id',
    [
      [3, 3, 2.5, 1.4, -1.5, 1.5, 1, 2, 2, 1, 1],
      [5, 5, 3.5, 2.4, -2.5, 2.5, 2, 3, 3, 2, 1],
      [0.2, 0.2, 1.1, 0, -0.1, 0.1, 0, 1, 0, 0, 1],
      [-5, -5, -1.5, -2.6, 2.5, 2.5, -3, -2, -3, -2, -1],
    ],
  ],
  [
    'SELECT round(2.5), round(-2.5), round(2.345::DOUBLE, 2), round(-0.5::DOUBLE), round(1.005::DOUBLE, 2)',
    [[3, -3, 2.35, -1, 1]],
  ],
  [
    'SELECT 0.1 + 0.2, 0.1 + 0.2 = 0.3, 1.5 * 1.25, 10.00 - 0.01, 1.0 / 3',
    [[0.3, true, 1.875, 9.99, 0.3333333333333333]],
  ],
  [
    "SELECT usage::INT, 2.5::INT, 3.5::INT, -2.5::INT, 2.5::DOUBLE::INT, 3.5::DOUBLE::INT, true::INT, 0::BOOLEAN, '12'::INT, ' 1.5e1 '::DOUBLE FROM events WHERE id = '2'",
    [[2, 3, 4, -3, 2, 4, 1, false, 12, 15]],
  ],
  [
    'SELECT avg(usage)::DECIMAL(10, 2), 2.675::DOUBLE::DECIMAL(10, 2), 1.5::DECIMAL(10, 3)::VARCHAR, 15::VARCHAR, true::VARCHAR, 1.005::DECIMAL(5, 2) FROM events',
    [[0.4, 2.68, '1.500', '15', 'true', 1.01]],
  ],
  ["SELECT CAST('7' AS INT), CAST(id AS DOUBLE) FROM events WHERE id = '1'", [[7, 1]]],
  [
    'SELECT sqrt(4), exp(0), ln(1), log10(100), log2(8), power(2, 3), 2 ** 3, cbrt(27), pi() > 3, sin(0), cos(0), atan2(0, 1), degrees(pi())',
    [[2, 1, 0, 2, 3, 8, 8, 3.0000000000000004, true, 0, 1, 0, 180]],
  ],
  [
    "SELECT greatest(1, NULL, 3), least(2, 1), greatest('a', 'b'), coalesce(NULL, 1, 2), ifnull(NULL, 5), nullif(1, 1), nullif(2, 1)",
    [[3, 1, 'b', 1, 5, null, 2]],
  ],
  [
    "SELECT CASE WHEN usage > 1 THEN 'high' WHEN usage IS NULL THEN 'none' ELSE 'low' END, CASE host WHEN 'a' THEN 1 ELSE 2.5 END, if(ok, 1, 0) FROM events ORDER BY id",
    [
      ['high', 1, 1],
      ['high', 1, 0],
      ['low', 2.5, 1],
      ['none', 2.5, 0],
      ['low', 2.5, 0],
      ['none', 1, 1],
    ],
  ],
  [
    'SELECT CASE WHEN hits <> 0 THEN 100 // hits END FROM events WHERE hits < 100 ORDER BY id',
    [[10], [5], [20], [-14]],
  ],
  [
    'SELECT NULL = NULL, NULL IS NULL, 1 IN (1, NULL), 2 IN (1, NULL), 2 NOT IN (1, NULL), NULL IS DISTINCT FROM 1, 1 IS NOT DISTINCT FROM 1, true AND NULL, false AND NULL, true OR NULL',
    [[null, true, true, null, null, true, true, null, false, true]],
  ],
  ['SELECT id FROM events WHERE NOT (usage > 1) ORDER BY id', [['3'], ['5']]],
  ["SELECT id FROM events WHERE host IN ('a', 'b') AND host NOT IN ('b') ORDER BY id", [['1'], ['2'], ['6']]],
  ["SELECT 'nan'::DOUBLE = 'nan'::DOUBLE, 0 / 0.0 > 1, isnan(0 / 0.0)", [[true, true, true]]],
  [
    'SELECT usage / 0 AS x FROM events WHERE usage IS NOT NULL ORDER BY x, id',
    [['-Infinity'], ['Infinity'], ['Infinity'], ['Infinity']],
  ],
  ['SELECT max(usage / (hits - 10)), min(usage / (hits - 10)) FROM events', [['Infinity', -2.7755575615628943e-16]]],
  [
    "SELECT id, lag(hits) OVER (ORDER BY id), lead(hits, 2) OVER (ORDER BY id), lag(id, 1, 'none') OVER (PARTITION BY host ORDER BY id) FROM events ORDER BY id",
    [
      ['1', null, null, 'none'],
      ['2', 10, 5, '1'],
      ['3', 20, '9007199254740993', 'none'],
      ['4', null, -7, 'none'],
      ['5', 5, null, 'none'],
      ['6', '9007199254740993', null, '2'],
    ],
  ],
  [
    'SELECT id, sum(hits) OVER (PARTITION BY host ORDER BY id), count(*) OVER (), avg(usage) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM events WHERE hits < 100 ORDER BY id',
    [
      ['1', 10, 4, 1.5],
      ['2', 30, 4, 2],
      ['4', 5, 4, 2.5],
      ['6', 23, 4, null],
    ],
  ],
  [
    'SELECT e.id, z.id FROM events e JOIN zones z USING (host) ORDER BY e.id',
    [
      ['1', 'z1'],
      ['2', 'z1'],
      ['6', 'z1'],
    ],
  ],
  [
    'SELECT e.id, z.id FROM events e LEFT JOIN zones z ON e.host = z.host ORDER BY e.id',
    [
      ['1', 'z1'],
      ['2', 'z1'],
      ['3', null],
      ['4', null],
      ['5', null],
      ['6', 'z1'],
    ],
  ],
  [
    "SELECT e.id, z.id FROM zones z RIGHT JOIN events e ON e.host = z.host AND z.id <> 'z1' ORDER BY e.id",
    [
      ['1', null],
      ['2', null],
      ['3', null],
      ['4', null],
      ['5', null],
      ['6', null],
    ],
  ],
  [
    'SELECT e.id, z.id FROM events e FULL JOIN zones z ON e.host = z.host ORDER BY e.id, z.id',
    [
      ['1', 'z1'],
      ['2', 'z1'],
      ['3', null],
      ['4', null],
      ['5', null],
      ['6', 'z1'],
      [null, 'z2'],
      [null, 'z3'],
    ],
  ],
  [
    'SELECT a.id, b.id FROM events a JOIN events b ON a.host = b.host AND a.id < b.id ORDER BY ALL',
    [
      ['1', '2'],
      ['1', '6'],
      ['2', '6'],
    ],
  ],
  ['SELECT count(*) FROM events a, events b WHERE a.usage > b.usage', [[6]]],
  ['SELECT count(*) FROM events a JOIN events b ON a.usage > b.usage', [[6]]],
  [
    'SELECT a.id, b.id, z.id FROM events a JOIN events b ON a.id = b.id JOIN zones z ON z.host = b.host ORDER BY ALL',
    [
      ['1', '1', 'z1'],
      ['2', '2', 'z1'],
      ['6', '6', 'z1'],
    ],
  ],
  ['SELECT id FROM events WHERE host IN (SELECT host FROM zones) ORDER BY id', [['1'], ['2'], ['6']]],
  ['SELECT id FROM events WHERE host NOT IN (SELECT host FROM zones) ORDER BY id', []],
  [
    'SELECT id FROM events WHERE host NOT IN (SELECT host FROM zones WHERE host IS NOT NULL) ORDER BY id',
    [['3'], ['5']],
  ],
  [
    'SELECT id FROM events e WHERE EXISTS (SELECT 1 FROM zones z WHERE z.host = e.host) ORDER BY id',
    [['1'], ['2'], ['6']],
  ],
  [
    'SELECT id FROM events e WHERE NOT EXISTS (SELECT 1 FROM zones z WHERE z.host = e.host) ORDER BY id',
    [['3'], ['4'], ['5']],
  ],
  [
    'SELECT id FROM events e WHERE usage > (SELECT avg(usage) FROM events f WHERE f.host = e.host) ORDER BY id',
    [['2']],
  ],
  [
    'SELECT id, (SELECT count(*) FROM zones z WHERE z.host = e.host) FROM events e ORDER BY id',
    [
      ['1', 1],
      ['2', 1],
      ['3', 0],
      ['4', 0],
      ['5', 0],
      ['6', 1],
    ],
  ],
  ["SELECT (SELECT max(id) FROM zones), (SELECT id FROM events WHERE id = 'none')", [['z3', null]]],
  ['SELECT id FROM events SEMI JOIN zones USING (host) ORDER BY id', [['1'], ['2'], ['6']]],
  ['SELECT id FROM events ANTI JOIN zones USING (host) ORDER BY id', [['3'], ['4'], ['5']]],
  [
    'WITH a AS (SELECT host, max(usage) AS peak FROM events GROUP BY host), b AS (SELECT * FROM a WHERE peak > 0) SELECT a.host, b.peak FROM a LEFT JOIN b USING (host) ORDER BY host',
    [
      ['a', 2.5],
      ['b', 0.1],
      ['Ärö', null],
      [null, null],
    ],
  ],
  ['SELECT host FROM events UNION SELECT host FROM zones ORDER BY host', [['a'], ['b'], ['c'], ['Ärö'], [null]]],
  ['SELECT host FROM events EXCEPT SELECT host FROM zones ORDER BY host', [['b'], ['Ärö']]],
  ['SELECT host FROM events INTERSECT SELECT host FROM zones ORDER BY host', [['a'], [null]]],
  [
    "SELECT 1 AS one, 'a' UNION ALL SELECT 2.5, NULL ORDER BY one",
    [
      [1, 'a'],
      [2.5, null],
    ],
  ],
  [
    "VALUES (2, NULL), (1, 'a') ORDER BY 1",
    [
      [1, 'a'],
      [2, null],
    ],
  ],
  ['SELECT * FROM (VALUES (1, 2), (3, 4)) t(a, b) WHERE a > 1', [[3, 4]]],
  [
    "SELECT host, ok, count(*) FROM events WHERE host = 'a' GROUP BY ROLLUP (host, ok) ORDER BY host, ok, count(*)",
    [
      ['a', false, 1],
      ['a', true, 2],
      ['a', null, 3],
      [null, null, 3],
    ],
  ],
  [
    'SELECT ok, count(*) FROM events GROUP BY GROUPING SETS ((ok), ()) ORDER BY ok, count(*)',
    [
      [false, 2],
      [true, 3],
      [null, 1],
      [null, 6],
    ],
  ],
  ['SELECT n FROM (SELECT host, count(*) AS n FROM events GROUP BY host ORDER BY n DESC LIMIT 1)', [[3]]],
  ['SELECT id FROM (SELECT * FROM events ORDER BY usage NULLS LAST LIMIT 3) ORDER BY id DESC LIMIT 2', [['5'], ['3']]],
  ['FROM events SELECT id ORDER BY id LIMIT 1', [['1']]],
  ['SELECT "host" AS "a b", id AS "c`d\\" FROM events WHERE "id" = \'1\'', [['a', '1']]],
  [
    'SELECT bucket, host, rows, total, peak FROM hourly ORDER BY bucket, host',
    [
      ['2026-03-28T22:00:00.000Z', 'a', 1, 10, 1.5],
      ['2026-03-28T23:00:00.000Z', 'a', 1, 20, 2.5],
      ['2026-03-29T21:00:00.000Z', 'b', 1, null, 0.1],
      ['2026-03-29T22:00:00.000Z', null, 1, 5, null],
      ['2026-04-01T00:00:00.000Z', 'a', 1, -7, null],
      ['2026-04-01T00:00:00.000Z', 'Ärö', 1, '9007199254740993', -2.5],
    ],
  ],
  ['SELECT h.host, sum(h.rows) FROM hourly h JOIN zones z ON z.host = h.host GROUP BY h.host', [['a', 3]]],
  ["SELECT hits & 6, hits | 1, xor(hits, 3) FROM events WHERE id = '1'", [[2, 11, 9]]],
  [
    "SELECT count(*), id > '3' AS late FROM events GROUP BY late ORDER BY late",
    [
      [3, false],
      [3, true],
    ],
  ],
  ['SELECT sum(1.5), avg(0.1), sum(hits * 1.0) FROM events WHERE hits < 100', [[6, 0.1, 28]]],
  [
    "SELECT 9007199254740993, -9223372036854775808, 170141183460469231731687303715884105727, 1e300, 'it''s'",
    [['9007199254740993', '-9223372036854775808', '170141183460469231731687303715884105727', 1e300, "it's"]],
  ],
  [
    "SELECT '1e400'::DOUBLE > 1, 'inf'::DOUBLE, '-Infinity'::DOUBLE, 'x' || 7, 7 || 'x' FROM zones LIMIT 1",
    [[true, 'Infinity', '-Infinity', 'x7', '7x']],
  ],
  ["SELECT count(*) FROM hourly WHERE bucket >= '2026-03-29' AND total > 5", [[1]]],
  [
    'SELECT host, sum(usage) / nullif(count(usage), 0) AS mean FROM events GROUP BY 1 ORDER BY 2 NULLS LAST, 1 NULLS LAST',
    [
      ['Ärö', -2.5],
      ['b', 0.1],
      ['a', 2],
      [null, null],
    ],
  ],
  [
    'WITH top AS (SELECT host, count(*) AS n FROM events GROUP BY host ORDER BY n DESC, host LIMIT 1) SELECT e.id FROM events e JOIN top USING (host) ORDER BY e.id',
    [['1'], ['2'], ['6']],
  ],
  [
    'SELECT a.host, a.n, b.n FROM (SELECT host, count(*) n FROM events GROUP BY host) a JOIN (SELECT host, count(*) n FROM zones GROUP BY host) b ON a.host IS NOT DISTINCT FROM b.host ORDER BY a.host',
    [
      ['a', 3, 1],
      [null, 1, 1],
    ],
  ],
  ['SELECT id FROM events WHERE usage = ANY (SELECT max(usage) FROM events)', [['2']]],
  [
    'SELECT min(usage) OVER w, max(usage) OVER w FROM events WINDOW w AS (PARTITION BY host) ORDER BY 1, 2',
    [
      [-2.5, -2.5],
      [0.1, 0.1],
      [1.5, 2.5],
      [1.5, 2.5],
      [1.5, 2.5],
      [null, null],
    ],
  ],
  [
    'SELECT id, hits IS NULL OR hits > 5, NOT ok FROM events ORDER BY id',
    [
      ['1', true, false],
      ['2', true, true],
      ['3', true, false],
      ['4', false, null],
      ['5', true, true],
      ['6', false, false],
    ],
  ],
  ["SELECT 'é' < 'z', 'B' < 'a', 'a' < 'aa', '' < 'a'", [[false, true, true, true]]],
  ["SELECT -0.0 = 0.0, usage * -0.0 FROM events WHERE id = '1'", [[true, 0]]],
];
