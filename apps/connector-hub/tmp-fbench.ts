import { frame } from '#libs/framing/framing';
const line = JSON.stringify({ id: 'abcdefgh12345678', time: '2026-01-01T00:00:00.000Z', sensor: 'sensor-0001', value: 12.345678, unit: 'celsius', site: 'north-3', ok: true });
console.log(line.length);
const n = 70000;
const nd = Buffer.from((line + '\n').repeat(n));
const arr = Buffer.from('[' + Array(n).fill(line).join(',') + ']');
for (const [name, b, f] of [['ndjson', nd, 'ndjson'], ['json', arr, 'json']] as const) {
  for (let r = 0; r < 3; r++) { const t = process.hrtime.bigint(); for (let i = 0; i < 10; i++) frame(b, f); const s = Number(process.hrtime.bigint() - t) / 1e9; console.log(name, (b.length * 10 / s / 1e6).toFixed(0), 'MB/s'); }
}
