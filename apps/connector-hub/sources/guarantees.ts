/** What a source of any kind is asked for. */
export const GUARANTEES = {
  atomic: 'The checkpoint is committed with the records that it covers (rule 6)',
  exact: 'kill -9 at any moment neither skips nor repeats a record in the store (fault 19)',
  fenced: 'Two pullers are never at it at once (fault 19)',
  reconciled: 'All that was fetched is accepted, or nothing of it is and the cursor stays',
  acknowledged: 'The source is told only after the commit',
  ends: 'A source that loops or contradicts itself ends in a named error',
  verbatim: 'Records are kept as they came, byte for byte',
  guarded: 'No internal address is reached (rule 24)',
  bounded: 'Time, bytes, inflation and depth have limits (rules 25 and 26)',
  previewed: 'A preview uses the same reader and keeps nothing',
} as const;
export type Guarantee = keyof typeof GUARANTEES;

/** The test that shows a guarantee, by its file and its words there; or why it cannot be asked of this kind. */
export type Evidence = { readonly file: string; readonly test: string } | { readonly notApplicable: string };
export type KindGuarantees = Readonly<Record<Guarantee, Evidence>>;
