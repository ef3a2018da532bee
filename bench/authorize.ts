import { decide } from '#libs/contracts/permissions';
import { Grant, PERMISSIONS, Principal } from '#libs/contracts/principal';

/**
 * Decisions a second on one core, for somebody with many grants, over projects that it knows and projects that it does not.
 *
 *     npm run bench:authorize [-- decisions]
 */
const ROUNDS = 5;
const PROJECTS = Array.from({ length: 64 }, (_, at) => `project-${at}`);

const GRANTS: readonly Grant[] = [
  ...PROJECTS.slice(0, 32).map((project, at): Grant => ({ role: at % 2 ? 'editor' : 'viewer', project })),
  { role: 'ingest', project: '*' },
];
const BOUND: readonly Grant[] = PROJECTS.slice(0, 32).map((project) => ({
  role: 'own',
  project,
  rules: [
    { permissions: ['pipelines:*'], names: ['team-a-*', 'team-b-*'] },
    { permissions: ['runs:*'], labels: { team: 'a' } },
    { permissions: ['*:read'] },
  ],
}));

function rate(grants: readonly Grant[], decisions: number): number {
  const principal: Principal = { kind: 'user', id: 'u', name: 'ada', grants };
  const thing = { name: 'team-b-quakes', labels: { team: 'b' } };
  let best = 0;
  let allowed = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = process.hrtime.bigint();
    for (let at = 0; at < decisions; at += 1) {
      const permission = PERMISSIONS[at % PERMISSIONS.length]!;
      if (decide(principal, permission, PROJECTS[(at * 7) % PROJECTS.length], thing) === 'allowed') allowed += 1;
    }
    best = Math.max(best, (decisions * 1e9) / Number(process.hrtime.bigint() - start));
  }
  if (allowed === 0) throw new Error('Nothing was allowed: this measured nothing.');
  return best;
}

function main(): void {
  const decisions = Number(process.argv[2] ?? 2_000_000);
  for (const [name, grants] of [
    ['33 grants of built-in roles', GRANTS],
    ['32 grants bound to names and labels', BOUND],
  ] as const) {
    const figure = Math.round(rate(grants, decisions)).toLocaleString('en');
    process.stdout.write(`${name.padEnd(40)}${figure.padStart(14)} decisions/s\n`);
  }
}

main();
