/**
 * The inclusion and consistency vectors that transparency-dev/merkle publishes (testdata/inclusion, testdata/consistency;
 * Apache-2.0): good proofs, and what must not pass for one. See README.md beside this file.
 */
export interface InclusionCase {
  readonly kind: 'inclusion';
  readonly what: string;
  readonly index: number;
  readonly size: number;
  readonly leaf: Buffer;
  readonly root: Buffer;
  readonly proof: readonly Buffer[];
  readonly holds: boolean;
}

export interface ConsistencyCase {
  readonly kind: 'consistency';
  readonly what: string;
  readonly from: number;
  readonly to: number;
  readonly fromRoot: Buffer;
  readonly toRoot: Buffer;
  readonly proof: readonly Buffer[];
  readonly holds: boolean;
}

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

/** Roots of the trees of 1 to 8 leaves. */
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
].map(hex);

const LEAF_HASHES: Readonly<Record<number, string>> = {
  0: '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  1: '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
  2: '0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7',
  5: '4271a26be0d8a84f0bd54c8c302e7cb3a3b5d1fa6780a40bcce2873477dab658',
};

/** Of one leaf, `data`. */
const SINGLE = hex('0d3aed023148ffd2a259fbd0cdc7fb3cf975658760d3775b82af6f90aacc2dfc');
const EMPTY = hex('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
const RANDOM = hex('abacaba000000000000000000000000000000000000000000060061e00123456');
const NOTHING = Buffer.alloc(0);
/** What one less than 0 is to an implementation with unsigned 64-bit numbers. */
const UNSIGNED_MAX = 2 ** 64 - 1;

const N = {
  a: '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
  b: '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
  c: '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
  d: 'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
  e: 'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
  f: '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
  g: 'b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f',
};
const FOUR = 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7';
const TWO = 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125';
const ONE = '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d';

const less = (number: number): number => (number === 0 ? UNSIGNED_MAX : number - 1);

function flipped(proof: readonly Buffer[], at: number, bit: number): Buffer[] {
  const changed = Buffer.from(proof[at]!); // in range
  changed[0] = changed[0]! ^ (1 << bit);
  return proof.with(at, changed);
}

function inclusion(index: number, size: number, hashes: readonly string[]): InclusionCase[] {
  const proof = hashes.map(hex);
  const root = ROOTS[size - 1]!; // of 1 to 8
  const leaf = hex(LEAF_HASHES[index]!);
  const good = { kind: 'inclusion', index, size, leaf, root, proof, holds: true } as const;
  const bad = (what: string, change: Partial<InclusionCase>): InclusionCase => ({
    ...good,
    ...change,
    what,
    holds: false,
  });
  return [
    { ...good, what: 'happy path' },
    bad('leafIdx sub @1', { index: less(index) }),
    bad('leafIdx plus @1', { index: index + 1 }),
    bad('leafIdx XOR @2', { index: index ^ 2 }),
    bad('treeSize mul @2', { size: size * 2 }),
    bad('treeSize div @2', { size: Math.floor(size / 2) }),
    bad('wrong leaf', { leaf: Buffer.from('WrongLeaf') }),
    bad('empty root', { root: EMPTY }),
    bad('random root', { root: RANDOM }),
    bad('trailing garbage', { proof: [...proof, NOTHING] }),
    bad('trailing root', { proof: [...proof, root] }),
    bad('preceding garbage', { proof: [NOTHING, ...proof] }),
    bad('preceding root', { proof: [root, ...proof] }),
    ...proof.map((_, at) => bad(`modified proof[${at}] bit @3`, { proof: flipped(proof, at, 3) })),
    ...(proof.length > 0 ? [bad('removed component', { proof: proof.slice(0, -1) })] : []),
    ...(proof.length > 1 ? [bad('inserted component', { proof: proof.toSpliced(1, 0, RANDOM) })] : []),
  ];
}

function consistency(from: number, to: number, hashes: readonly string[]): ConsistencyCase[] {
  const proof = hashes.map(hex);
  const [fromRoot, toRoot] = [ROOTS[from - 1]!, ROOTS[to - 1]!]; // of 1 to 8
  const good = { kind: 'consistency', from, to, fromRoot, toRoot, proof, holds: true } as const;
  const bad = (what: string, change: Partial<ConsistencyCase>): ConsistencyCase => ({
    ...good,
    ...change,
    what,
    holds: false,
  });
  const happy = { ...good, what: 'happy path' };
  if (proof.length === 0) return [happy];
  return [
    happy,
    bad('size1 sub @1', { from: less(from) }),
    bad('size1 plus @1', { from: from + 1 }),
    bad('size1 XOR @2', { from: from ^ 2 }),
    bad('size2 mul @2', { to: to * 2 }),
    bad('size2 div @2', { to: Math.floor(to / 2) }),
    bad('wrong root1', { fromRoot: Buffer.from('WrongRoot') }),
    bad('wrong root2', { toRoot: Buffer.from('WrongRoot') }),
    bad('swapped roots', { fromRoot: toRoot, toRoot: fromRoot }),
    bad('empty proof', { proof: [] }),
    bad('trailing garbage', { proof: [...proof, NOTHING] }),
    bad('trailing root1', { proof: [...proof, fromRoot] }),
    bad('trailing root2', { proof: [...proof, toRoot] }),
    bad('preceding garbage', { proof: [NOTHING, ...proof] }),
    bad('preceding root1', { proof: [fromRoot, ...proof] }),
    bad('preceding root2', { proof: [toRoot, ...proof] }),
    bad('preceding proof @0', { proof: [proof[0]!, ...proof] }), // it has one
    bad('truncated proof', { proof: proof.slice(0, -1) }),
    ...proof.map((_, at) => bad(`modified proof@${at} bit @4`, { proof: flipped(proof, at, 4) })),
  ];
}

/** Trees that are too small for anything to be in them, with roots and leaves that are none. */
const additionalInclusion = ([index, size]: readonly [number, number]): InclusionCase[] =>
  [
    { what: 'random leaf', leaf: RANDOM, root: NOTHING },
    { what: 'empty root', leaf: NOTHING, root: EMPTY },
    { what: 'empty root and random leaf', leaf: RANDOM, root: EMPTY },
  ].map((given) => ({ kind: 'inclusion', index, size, proof: [], holds: false, ...given }));

const SINGLE_ENTRY = [
  { what: 'matching root and leaf', leaf: SINGLE, root: SINGLE, holds: true },
  { what: 'empty leaf', leaf: NOTHING, root: SINGLE, holds: false },
  { what: 'empty root', leaf: SINGLE, root: NOTHING, holds: false },
  { what: 'empty root and leaf', leaf: NOTHING, root: NOTHING, holds: false },
].map((given): InclusionCase => ({ kind: 'inclusion', index: 0, size: 1, proof: [], ...given }));

const A = Buffer.from("don't care 1");
const B = Buffer.from("don't care 2");
const ADDITIONAL_CONSISTENCY = (
  [
    [0, 0, A, B, [], 'sizes are equal (zero) but roots are not', false],
    [1, 1, A, B, [], 'sizes are equal (one) but roots are not', false],
    [0, 0, A, A, [], 'sizes are equal (zero) and proof is empty', false],
    [0, 1, A, B, [], 'size1 is zero and does not equal size2', false],
    [1, 1, B, B, [], 'sizes are equal (one) and proof is empty', true],
    [1, 0, A, B, [], 'size1 is greater than size2', false],
    [2, 1, A, B, [], 'size1 is greater than size2 again', false],
    [1, 2, A, B, [], 'sizes do not match and proof is empty', false],
    [0, 0, EMPTY, B, [], 'roots do not match and sizes are zero', false],
    [1, 1, EMPTY, B, [], 'roots do not match and sizes are one', false],
    [0, 0, EMPTY, EMPTY, [EMPTY], 'sizes match but proof is not empty and sizes are zero', false],
    [1, 1, EMPTY, EMPTY, [EMPTY], 'sizes match but proof is not empty and sizes are one', false],
    [0, 1, EMPTY, B, [], 'size1 is zero and size2 is not zero', false],
    [0, 1, EMPTY, EMPTY, [EMPTY], 'consistency check on empty tree (size1 is zero) is useless', false],
  ] as const
).map(([from, to, fromRoot, toRoot, proof, what, holds]): ConsistencyCase => ({
  kind: 'consistency',
  from,
  to,
  fromRoot,
  toRoot,
  proof,
  what,
  holds,
}));

export const INCLUSION_CASES: readonly InclusionCase[] = [
  ...inclusion(0, 1, []),
  ...inclusion(0, 8, [N.a, N.b, N.c]),
  ...inclusion(5, 8, [N.d, N.e, FOUR]),
  ...inclusion(2, 3, [TWO]),
  ...inclusion(1, 5, [ONE, N.b, N.d]),
  ...([[0, 0], [0, 1], [1, 0], [2, 1]] as const).flatMap(additionalInclusion), // prettier-ignore
  ...SINGLE_ENTRY,
];

export const CONSISTENCY_CASES: readonly ConsistencyCase[] = [
  ...consistency(1, 1, []),
  ...consistency(1, 8, [N.a, N.b, N.c]),
  ...consistency(6, 8, [N.f, N.e, FOUR]),
  ...consistency(2, 5, [N.b, N.d]),
  ...consistency(6, 7, [N.f, N.g, FOUR]),
  ...ADDITIONAL_CONSISTENCY,
];

/** Published files as they are: inclusion/0/leafIdx-sub-@1, inclusion/2/inserted-component, consistency/1/size1---1 and consistency/3/preceding-proof-@0. */
export const PUBLISHED = [
  '{"leafIdx":18446744073709551615,"treeSize":1,"root":"bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=","leafHash":"bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=","proof":null,"desc":"leafIdx sub @1","wantErr":true}',
  '{"leafIdx":5,"treeSize":8,"root":"XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=","leafHash":"QnGia+DYqE8L1UyMMC58s6O10fpngKQLzOKHNHfatlg=","proof":["vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms=","q6yroAAAAAAAAAAAAAAAAAAAAAAAAAAAAGAGHgASNFY=","yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA=","037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc="],"desc":"inserted component","wantErr":true}',
  '{"size1":0,"size2":8,"root1":"bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=","root2":"XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=","proof":["lqKW0iTyhcZ77pPDD4owkVfw2qNdxbh+QQt4YwoJz8c=","Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4=","a0eq8p7jwq+a+Im8H7klTavTEXfxYjLdaqsDXKOb9uQ="],"desc":"size1 sub @1","wantErr":true}',
  '{"size1":2,"size2":5,"root1":"+sVCA+fMaWzw38tCySodnbr3CtnmIfS9jZhmLwDjwSU=","root2":"Tju7H3tHjc/nH7YxYxUZo7yhLJrvyhYSv85ME6hiZNQ=","proof":["Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4=","Xwg/ChozygdqlSeYMlgNs+DvRYS9/x9UyKNg9Q3jAx4=","vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms="],"desc":"preceding proof @0","wantErr":true}',
];
