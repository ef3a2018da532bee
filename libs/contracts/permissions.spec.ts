import { decide, ROLE_PERMISSIONS } from './permissions';
import { BUILT_IN_ROLES, Grant, PERMISSIONS, Principal } from './principal';

const holding = (...grants: Grant[]): Principal => ({ kind: 'key', id: 'k', name: 'k', grants });

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

  it('lets nobody with a grant in one project touch keys or the audit log', () => {
    const projectAdmin = holding({ role: 'admin', project: 'a' });
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
});
