/** The built-in roles, from least to most. */
export const BUILT_IN_ROLES = ['viewer', 'ingest', 'operator', 'editor', 'admin', 'owner'] as const;
export type RoleName = (typeof BUILT_IN_ROLES)[number];

/** Every permission there is, as `resource:verb`. A public route declares the one it needs. */
export const PERMISSIONS = [
  'pipelines:read',
  'pipelines:write',
  'runs:read',
  'runs:write',
  'events:write',
  'data:read',
  'queries:read',
  'queries:write',
  'data:write',
  'data:erase',
  'quarantine:read',
  'quarantine:write',
  'ledger:read',
  'audit:read',
  'audit:erase',
  'audit:rotate',
  'keys:read',
  'keys:write',
  'secrets:read',
  'secrets:write',
  'roles:read',
  'roles:write',
  'users:read',
  'users:write',
  'system:read',
  'system:backup',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** What one rule of a role allows: verbs on resources, maybe only on those of some name or label. */
export interface Rule {
  /** `pipelines:read`, `pipelines:*`, `*:read` or `*`. */
  readonly permissions: readonly string[];
  /** Only things of these names; `team-*` is any that begins so. All when left out. */
  readonly names?: readonly string[];
  /** Only things whose document has all of these labels. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** A role held in one project, or in all of them (`*`). */
export interface Grant {
  /** A built-in role, or the name of one that was made here. */
  readonly role: string;
  readonly project: string;
  /** What the role allows, where it is not a built-in one. */
  readonly rules?: readonly Rule[];
  /** Where the grant comes from, for explanations: `RoleBinding default/oncall`. */
  readonly by?: string;
}

/** How much of what its owner holds a key may use. */
export interface Scope {
  /** Patterns as in {@link Rule.permissions}; all when left out. */
  readonly permissions?: readonly string[];
  /** All when left out. */
  readonly projects?: readonly string[];
}

export const PRINCIPAL_KINDS = ['key', 'user', 'local', 'service', 'anonymous'] as const;

/** Who acts: a person, a machine's key, the local command line, or one of our services. */
export interface Principal {
  readonly kind: (typeof PRINCIPAL_KINDS)[number];
  readonly id: string;
  readonly name: string;
  readonly grants: readonly Grant[];
  readonly scope?: Scope;
  /** Of a user: the session that the credential is of. */
  readonly sessionId?: string;
}

/** Whoever calls a public route without a credential. */
export const ANONYMOUS: Principal = { kind: 'anonymous', id: 'anonymous', name: 'anonymous', grants: [] };
