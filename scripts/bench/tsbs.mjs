/**
 * The cpu-only data and questions of TSBS (github.com/timescale/tsbs, cmd/tsbs_generate_queries): each question as the API
 * takes it, as SQL for the engine and as InfluxQL.
 */
const STEP_MS = 10_000;
const START = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;

export const FIELDS = [
  'user',
  'system',
  'idle',
  'nice',
  'iowait',
  'irq',
  'softirq',
  'steal',
  'guest',
  'guest_nice',
].map((name) => `usage_${name}`);

const iso = (ms) => new Date(ms).toISOString();
const stamp = (ms) => `TIMESTAMP '${iso(ms).replace('T', ' ').replace('Z', '')}'`;
const each = (fn, fields) => fields.map((field) => `${fn}(${field})`).join(', ');

/** The same numbers for the same seed (mulberry32, Tommy Ettinger, public domain). */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * The rows in the order of time, an hour of all hosts at a time, as columns; each field a random walk within 0 and 100, as
 * TSBS has it. The same each time it is called.
 */
export function* hoursOf({ days, hosts }) {
  const random = seeded(1);
  const state = Float64Array.from({ length: hosts * FIELDS.length }, () => random() * 100);
  const steps = HOUR / STEP_MS;
  for (let hour = 0; hour < days * 24; hour += 1) {
    const times = new Float64Array(steps * hosts);
    const fields = FIELDS.map(() => new Float64Array(steps * hosts));
    for (let row = 0; row < steps * hosts; row += 1) {
      const number = row % hosts;
      times[row] = START + hour * HOUR + Math.floor(row / hosts) * STEP_MS;
      for (let field = 0; field < FIELDS.length; field += 1) {
        const at = number * FIELDS.length + field;
        state[at] = Math.min(100, Math.max(0, state[at] + (random() - 0.5) * 4));
        fields[field][row] = state[at];
      }
    }
    yield { hour, length: steps * hosts, times, host: (row) => row % hosts, fields };
  }
}

export const hostName = (number) => `host_${number}`;
export const regionName = (number) => `region_${number % 4}`;
export const rowsOf = ({ days, hosts }) => days * 24 * (HOUR / STEP_MS) * hosts;

/** One of each kind, of hosts and times that `random` chooses. */
export function questionsOf({ days, hosts }, random) {
  const end = START + days * 24 * HOUR;
  const some = (count) =>
    Array.from({ length: count }, (_, at) => hostName((Math.floor(random() * hosts) + at * 7) % hosts));
  const range = (hours) => {
    const from = START + Math.floor((random() * (end - START - hours * HOUR)) / 60_000) * 60_000;
    return { from, to: from + hours * HOUR };
  };
  const single = (fields, count, hours) =>
    grouped(`single-groupby-${fields}-${count}-${hours}`, {
      ...range(hours),
      hosts: some(count),
      bucket: '1m',
      fields: FIELDS.slice(0, fields),
    });
  const double = (fields) =>
    grouped(`double-groupby-${fields === FIELDS.length ? 'all' : fields}`, {
      ...range(12),
      bucket: '1h',
      fn: 'avg',
      fields: FIELDS.slice(0, fields),
      byHost: true,
    });
  return [
    single(1, 1, 1),
    single(1, 1, 12),
    single(1, 8, 1),
    single(5, 1, 1),
    single(5, 1, 12),
    single(5, 8, 1),
    ...[1, 8].map((count) => grouped(`cpu-max-all-${count}`, { ...range(8), hosts: some(count), bucket: '1h' })),
    ...[1, 5, FIELDS.length].map(double),
    highCpu('high-cpu-all', { ...range(12), hosts: [] }),
    highCpu('high-cpu-1', { ...range(12), hosts: some(1) }),
    lastPoint(),
    newestMinutes(START + Math.floor((12 * HOUR + random() * (end - START - 12 * HOUR)) / 60_000) * 60_000),
  ];
}

const filtersOf = (hosts) => (hosts.length > 0 ? [{ column: 'hostname', op: 'in', value: hosts }] : []);

const sqlWhere = ({ from, to, hosts = [] }) =>
  [
    `time >= ${stamp(from)}`,
    `time < ${stamp(to)}`,
    ...(hosts.length > 0 ? [`hostname IN (${hosts.map((host) => `'${host}'`).join(', ')})`] : []),
  ].join(' AND ');

const influxWhere = ({ from, to, hosts = [] }) =>
  [
    ...(hosts.length > 0 ? [`(${hosts.map((host) => `hostname = '${host}'`).join(' or ')})`] : []),
    `time >= '${iso(from)}'`,
    `time < '${iso(to)}'`,
  ].join(' and ');

function grouped(name, { bucket, fn = 'max', fields = FIELDS, byHost = false, ...where }) {
  const { from, to, hosts = [] } = where;
  const keys = byHost ? ', hostname' : '';
  const width = bucket === '1m' ? 'minute' : 'hour';
  return {
    name,
    kind: 'group-by',
    ask: {
      dataset: 'cpu',
      from: iso(from),
      to: iso(to),
      filters: filtersOf(hosts),
      limit: 100_000,
      bucket,
      ...(byHost ? { dimensions: ['hostname'] } : {}),
      measures: Object.fromEntries(fields.map((field) => [field, `${fn}(${field})`])),
    },
    sql: `SELECT date_trunc('${width}', time) AS bucket${keys}, ${each(fn, fields)} FROM cpu WHERE ${sqlWhere(where)} GROUP BY bucket${keys} ORDER BY bucket${keys}`,
    influx: {
      q: `SELECT ${each(fn === 'avg' ? 'mean' : fn, fields)} FROM cpu WHERE ${influxWhere(where)} GROUP BY time(${bucket})${keys}`,
      row: ({ tags, cells }) => [timeOf(cells[0]), ...(byHost ? [tags.hostname] : []), ...cells.slice(1)],
    },
  };
}

function highCpu(name, where) {
  const columns = ['time', 'hostname', ...FIELDS];
  return {
    name,
    kind: 'rows',
    ask: {
      dataset: 'cpu',
      from: iso(where.from),
      to: iso(where.to),
      filters: [...filtersOf(where.hosts), { column: 'usage_user', op: 'gt', value: 90 }],
      limit: 100_000,
      columns,
    },
    sql: `SELECT ${columns.join(', ')} FROM cpu WHERE ${sqlWhere(where)} AND usage_user > 90.0 ORDER BY time, hostname`,
    influx: {
      q: `SELECT * FROM cpu WHERE ${influxWhere(where)} and usage_user > 90.0`,
      row: ({ named }) => [timeOf(named.time), ...columns.slice(1).map((column) => named[column])],
    },
  };
}

function lastPoint() {
  return {
    name: 'lastpoint',
    kind: 'rows',
    ask: {
      dataset: 'cpu',
      dimensions: ['hostname'],
      measures: Object.fromEntries(FIELDS.map((field) => [field, `last(${field})`])),
    },
    sql: `SELECT hostname, ${each('max', FIELDS)} FROM cpu JOIN (SELECT hostname, max(time) AS time FROM cpu GROUP BY hostname) AS latest USING (hostname, time) GROUP BY hostname ORDER BY hostname`,
    influx: {
      q: 'SELECT * FROM cpu GROUP BY hostname ORDER BY time DESC LIMIT 1',
      row: ({ tags, named }) => [tags.hostname, ...FIELDS.map((field) => named[field])],
    },
  };
}

/** TSBS leaves the order to the database; here all give the newest, so that the answers can be compared. */
function newestMinutes(to) {
  return {
    name: 'groupby-orderby-limit',
    kind: 'rows',
    ask: {
      dataset: 'cpu',
      to: iso(to),
      bucket: '1m',
      measures: { most: 'max(usage_user)' },
      order: [{ by: 'bucket', direction: 'desc' }],
      limit: 5,
    },
    sql: `SELECT date_trunc('minute', time) AS bucket, max(usage_user) FROM cpu WHERE time < ${stamp(to)} GROUP BY bucket ORDER BY bucket DESC LIMIT 5`,
    influx: {
      q: `SELECT max(usage_user) FROM cpu WHERE time < '${iso(to)}' GROUP BY time(1m) ORDER BY time DESC LIMIT 5`,
      row: ({ cells }) => [timeOf(cells[0]), ...cells.slice(1)],
    },
  };
}

const timeOf = (text) => iso(Date.parse(text));
