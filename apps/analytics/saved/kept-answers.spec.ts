import { Answered, KeptAnswers } from './kept-answers';

const answerOf = (...cells: string[]): Answered => ({
  columns: [],
  rows: cells.map((cell) => [cell]),
  truncated: false,
  asOf: '',
  dataVersion: '',
});
const MAX_BYTES = 8_000;
/** Of 976 bytes: eight of them fit. */
const LARGE = answerOf('x'.repeat(480));

describe('kept answers', () => {
  it('take so much memory and no more, and what was longest not asked for goes first', () => {
    const kept = new KeptAnswers(MAX_BYTES);
    for (let at = 0; at < 8; at += 1) kept.keep(`t${at}`, LARGE);
    expect(kept.get('t0')).toBe(LARGE);
    kept.keep('t8', LARGE);
    expect(kept.get('t1')).toBeUndefined();
    expect(['t0', 't2', 't8'].map((tag) => kept.get(tag))).toEqual([LARGE, LARGE, LARGE]);
  });

  it('are as many as there is room for', () => {
    const kept = new KeptAnswers(MAX_BYTES);
    for (let at = 0; at < 600; at += 1) kept.keep(`t${at}`, answerOf('x'));
    expect(Array.from({ length: 600 }, (_, at) => kept.get(`t${at}`)).filter(Boolean).length).toBe(
      Math.floor(MAX_BYTES / 18),
    );
  });

  it('leave out an answer that would take too large a part, by its texts and by its json', () => {
    const kept = new KeptAnswers(MAX_BYTES);
    kept.keep('text', answerOf('x'.repeat(1_000)));
    kept.keep('json', { ...answerOf(), rows: [[{ deep: 'x'.repeat(1_000) }]] });
    expect([kept.get('text'), kept.get('json')]).toEqual([undefined, undefined]);
  });

  it('count an answer once that is kept again', () => {
    const kept = new KeptAnswers(MAX_BYTES);
    kept.keep('other', LARGE);
    for (let time = 0; time < 100; time += 1) kept.keep('same', LARGE);
    expect(kept.get('other')).toBe(LARGE);
  });
});
