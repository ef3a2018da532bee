import { closed, TEXT } from './parts';

const COUNT = { type: 'integer', minimum: 0 } as const;

export const PIPELINE_TEST = closed(
  {
    name: TEXT,
    given: TEXT,
    expect: { ...closed({ stored: COUNT, quarantined: COUNT, filtered: COUNT }), minProperties: 1 },
  },
  ['given', 'expect'],
);
