/** The built-in roles, from least to most. */
export const BUILT_IN_ROLES = ['viewer', 'ingest', 'editor', 'admin'] as const;
export type RoleName = (typeof BUILT_IN_ROLES)[number];

/** Every permission there is, as `resource:verb`. A public route declares the one it needs. */
export const PERMISSIONS = [
  'pipelines:read',
  'pipelines:write',
  'runs:read',
  'runs:write',
  'events:write',
  'data:read',
  'quarantine:read',
  'ledger:read',
  'audit:read',
  'audit:erase',
  'keys:read',
  'keys:write',
  'secrets:read',
  'secrets:write',
  'system:read',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** A role held in one project, or in all of them (`*`). */
export interface Grant {
  readonly role: RoleName;
  readonly project: string;
}

/** Who acts: a person's or machine's key, the local command line, or one of our services. */
export interface Principal {
  readonly kind: 'key' | 'local' | 'service' | 'anonymous';
  readonly id: string;
  readonly name: string;
  readonly grants: readonly Grant[];
}

/** Whoever calls a public route without a credential. */
export const ANONYMOUS: Principal = { kind: 'anonymous', id: 'anonymous', name: 'anonymous', grants: [] };
