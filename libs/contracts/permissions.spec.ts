import fc from 'fast-check';
import { decide, explain, labelsMatter, lackedFor, ROLE_PERMISSIONS } from './permissions';
import { BUILT_IN_ROLES, Grant, Permission, PERMISSIONS, Principal, Rule, Scope } from './principal';

const holding = (...grants: Grant[]): Principal => ({ kind: 'key', id: 'k', name: 'k', grants });
const scoped = (scope: Scope, ...grants: Grant[]): Principal => ({ ...holding(...grants), scope });
const own = (project: string, ...rules: Rule[]): Grant => ({ role: 'own', project, rules });

describe('decide', () => {
  it('denies everything to somebody with no grant', () => {
    for (const permission of PERMISSIONS) {
      expect(decide(holding(), permission)).toBe('denied');
      expect(decide(holding(), permission, 'default')).toBe('stranger');
    }
  });

  it('hides a project from somebody who holds nothing in it', () => {
    expect(decide(holding({ role: 'admin', project: 'a' }), 'pipelines:read', 'b')).toBe('stranger');
  });

  it('gives each role exactly its permissions in its project', () => {
    for (const role of BUILT_IN_ROLES) {
      for (const permission of PERMISSIONS) {
        const expected = ROLE_PERMISSIONS[role].has(permission) ? 'allowed' : 'denied';
        expect(decide(holding({ role, project: 'a' }), permission, 'a')).toBe(expected);
      }
    }
  });

  it('lets nobody with a grant in one project touch keys or the audit log of the system', () => {
    const projectAdmin = holding({ role: 'owner', project: 'a' });
    expect(decide(projectAdmin, 'keys:write')).toBe('denied');
    expect(decide(projectAdmin, 'audit:read')).toBe('denied');
    expect(decide(projectAdmin, 'system:read')).toBe('allowed');
  });

  it('adds up the grants of a project and of all projects', () => {
    const both = holding({ role: 'ingest', project: '*' }, { role: 'viewer', project: 'a' });
    expect(decide(both, 'events:write', 'a')).toBe('allowed');
    expect(decide(both, 'data:read', 'a')).toBe('allowed');
    expect(decide(both, 'data:read', 'b')).toBe('denied');
  });

  it('gives nothing for a role that no longer exists, and nothing by a name from behind an object', () => {
    for (const role of ['gone', 'constructor', '__proto__']) {
      expect(decide(holding({ role, project: '*' }), 'pipelines:read', 'a')).toBe('denied');
    }
    expect(decide(holding({ role: 'viewer', project: 'a' }), 'pipelines:read', '__proto__')).toBe('stranger');
  });

  it('reads patterns of a rule by resource, by verb, and whole', () => {
    const all = (patterns: string[]): Permission[] =>
      PERMISSIONS.filter((one) => decide(holding(own('a', { permissions: patterns })), one, 'a') === 'allowed');
    expect(all(['pipelines:*'])).toEqual(['pipelines:read', 'pipelines:write']);
    expect(all(['*:read'])).toEqual(PERMISSIONS.filter((one) => one.endsWith(':read')));
    expect(all(['*'])).toEqual([...PERMISSIONS]);
    expect(all(['pipelines', ':read', 'pipelines:r*', ''])).toEqual([]);
  });

  it('keeps a rule with names to things of these names, and out of what names no one thing', () => {
    const bound = holding(own('a', { permissions: ['pipelines:*'], names: ['quakes', 'team-*'] }));
    const of = (name?: string): string => decide(bound, 'pipelines:write', 'a', { name });
    expect([of('quakes'), of('team-x'), of('team-'), of('quakes2'), of('team'), of()]).toEqual([
      'allowed',
      'allowed',
      'allowed',
      'denied',
      'denied',
      'denied',
    ]);
  });

  it('keeps a rule with labels to things that have them all, once somebody has looked', () => {
    const bound = holding(own('a', { permissions: ['runs:write'], labels: { team: 'x', tier: 'demo' } }));
    expect(decide(bound, 'runs:write', 'a', { name: 'p' })).toBe('denied');
    expect(decide(bound, 'runs:write', 'a', { name: 'p', labels: { team: 'x' } })).toBe('denied');
    expect(decide(bound, 'runs:write', 'a', { name: 'p', labels: { team: 'x', tier: 'demo', n: '1' } })).toBe(
      'allowed',
    );
    expect(labelsMatter(bound, 'runs:write', 'a')).toBe(true);
    expect(labelsMatter(bound, 'runs:read', 'a')).toBe(false);
    expect(labelsMatter(bound, 'runs:write', 'b')).toBe(false);
  });

  it('rule 17: lets a scoped key use what its owner holds, within the scope and never more', () => {
    const key = scoped({ permissions: ['*:read'], projects: ['a'] }, { role: 'editor', project: '*' });
    expect(decide(key, 'pipelines:read', 'a')).toBe('allowed');
    expect(decide(key, 'pipelines:write', 'a')).toBe('denied');
    expect(decide(key, 'pipelines:read', 'b')).toBe('stranger');
    expect(decide(key, 'audit:read')).toBe('denied');
    const more = scoped({ permissions: ['*'], projects: ['a', 'b'] }, { role: 'viewer', project: 'a' });
    expect(decide(more, 'pipelines:write', 'a')).toBe('denied');
    expect(decide(more, 'pipelines:read', 'b')).toBe('stranger');
  });
});

describe('nobody grants what they do not hold', () => {
  const editor = holding({ role: 'editor', project: 'a' });
  const bound = holding(own('a', { permissions: ['pipelines:*'], names: ['team-*'] }));

  it('names what is lacking, in this project and in all', () => {
    expect(lackedFor(editor, { permissions: ['pipelines:*'] }, 'a')).toEqual([]);
    expect(lackedFor(editor, { permissions: ['pipelines:*'] }, 'b')).toEqual(['pipelines:read', 'pipelines:write']);
    expect(lackedFor(editor, { permissions: ['pipelines:read'] }, '*')).toEqual(['pipelines:read']);
    expect(lackedFor(editor, { permissions: ['keys:*'] }, 'a')).toEqual(['keys:read', 'keys:write']);
  });

  it('lets a bound holder give as narrowly as it holds, or more narrowly', () => {
    expect(lackedFor(bound, { permissions: ['pipelines:read'] }, 'a')).toEqual(['pipelines:read']);
    expect(lackedFor(bound, { permissions: ['pipelines:read'], names: ['team-*'] }, 'a')).toEqual([]);
    expect(lackedFor(bound, { permissions: ['pipelines:read'], names: ['team-x', 'team-y*'] }, 'a')).toEqual([]);
    expect(lackedFor(bound, { permissions: ['pipelines:read'], names: ['te*'] }, 'a')).toEqual(['pipelines:read']);
    expect(lackedFor(bound, { permissions: ['pipelines:read'], names: ['*'] }, 'a')).toEqual(['pipelines:read']);
    expect(lackedFor(bound, { permissions: ['pipelines:read'], labels: { a: 'b' } }, 'a')).toEqual(['pipelines:read']);
  });

  it('whatever somebody may give, its receiver may do no more than the giver', () => {
    const names = fc.constantFrom('a', 'ab', 'abc', 'b', 'a*', 'ab*', '*');
    const labels = fc.dictionary(fc.constantFrom('x', 'y'), fc.constantFrom('1', '2'), { maxKeys: 2 });
    const rule = fc.record(
      {
        permissions: fc.array(fc.constantFrom('pipelines:read', 'pipelines:*', '*:write', '*'), { minLength: 1 }),
        names: fc.array(names, { minLength: 1, maxLength: 2 }),
        labels,
      },
      { requiredKeys: ['permissions'] },
    );
    const project = fc.constantFrom('p', 'q', '*');
    const grant = fc.record({ role: fc.constant('own'), project, rules: fc.array(rule, { maxLength: 2 }) });
    const resource = fc.record({ name: fc.constantFrom('a', 'ab', 'abc', 'b'), labels }, { requiredKeys: [] });
    fc.assert(
      fc.property(fc.array(grant, { maxLength: 3 }), rule, project, resource, (grants, given, where, thing) => {
        const giver = holding(...grants);
        fc.pre(lackedFor(giver, given, where).length === 0);
        const receiver = holding(own(where, given));
        for (const permission of PERMISSIONS) {
          for (const place of ['p', 'q', 'r', undefined]) {
            if (permission === 'system:read' && place === undefined) continue; // any grant anywhere will do
            if (decide(receiver, permission, place, thing) !== 'allowed') continue;
            expect(decide(giver, permission, place, thing)).toBe('allowed');
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('explain', () => {
  it('says of each grant what came of it', () => {
    const key = scoped(
      { permissions: ['*:read'] },
      { role: 'viewer', project: 'a' },
      { role: 'editor', project: 'b' },
      { role: 'ingest', project: '*' },
      own('b', { permissions: ['pipelines:write'], names: ['x'] }),
    );
    const because = (permission: Permission, project?: string, name?: string): string[] =>
      explain(key, permission, project, { name }).map((one) => one.because);
    expect(because('pipelines:read', 'b')).toEqual([
      'holds in "a" alone',
      'has "pipelines:read"',
      'has no "pipelines:read"',
      'has no "pipelines:read"',
    ]);
    expect(because('pipelines:write', 'b', 'y')).toEqual([
      'holds in "a" alone',
      "is beyond the key's scope",
      'has no "pipelines:write"',
      'is bound to other names or labels',
    ]);
    expect(because('audit:read')[0]).toBe('takes a grant over all projects');
  });
});
