/** The units of a calendar that time can be cut by; weeks begin on Monday. */
export const BUCKET_UNITS = ['day', 'week', 'month', 'quarter', 'year'] as const;
export type BucketUnit = (typeof BUCKET_UNITS)[number];
