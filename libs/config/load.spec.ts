import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { SERVICES } from '#libs/contracts/contract';
import { ConfigError, loadConfig } from './load';

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(env);
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.problems;
    throw thrown;
  }
  return [];
}

describe('loadConfig', () => {
  it('needs no variable at all for one process', () => {
    const config = loadConfig({});
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 8080,
      hostsAll: true,
      embedsPostgres: true,
      localAccess: true,
    });
    expect(config.inboxMaxBytes).toBe(512 * 1024 * 1024);
    expect(config.requestTimeoutMs).toBe(60_000);
  });

  it('names every wrong variable at once, with what is allowed', () => {
    const problems = problemsOf({ CHARTLY_PORT: 'http', CHARTLY_REQUEST_TIMEOUT: '60', CHARTLY_LOG_LEVEL: 'info' });
    expect(problems).toEqual([
      'CHARTLY_PORT: "http" is not a whole number.',
      'CHARTLY_REQUEST_TIMEOUT: "60" is not a duration like 500ms, 30s, 15m or 6h.',
    ]);
  });

  it('names the nearest variable for one that there is not', () => {
    expect(problemsOf({ CHARTLY_PROT: '1' })).toEqual([
      'CHARTLY_PROT: there is no such variable. Did you mean CHARTLY_PORT?',
    ]);
  });

  it('says which roles there are', () => {
    const [problem] = problemsOf({ CHARTLY_ROLE: 'gatway' });
    expect(problem).toContain('CHARTLY_ROLE: "gatway"');
    expect(problem).toContain('connector-hub');
  });

  it('never prints a secret', () => {
    const [problem] = problemsOf({ CHARTLY_DATABASE_URL: 'mysql://root:hunter2@db/x' });
    expect(problem).toContain('CHARTLY_DATABASE_URL');
    expect(problem).not.toContain('hunter2');
  });

  it('asks a single role for its database, its keys and the addresses of what it calls', () => {
    const problems = problemsOf({ CHARTLY_ROLE: 'normalizer' });
    expect(problems.map((problem) => problem.split(':')[0])).toEqual([
      'CHARTLY_DATABASE_URL',
      'CHARTLY_SERVICE_PRIVATE_KEY',
      'CHARTLY_SERVICE_PUBLIC_KEYS',
      'CHARTLY_CONNECTOR_HUB_URL',
      'CHARTLY_STORAGE_URL',
      'CHARTLY_AUDIT_URL',
    ]);
  });

  it('takes a single role that has all it needs', () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const config = loadConfig({
      CHARTLY_ROLE: 'normalizer',
      CHARTLY_DATABASE_URL: 'postgres://app@127.0.0.1:5432/chartly',
      CHARTLY_SERVICE_PRIVATE_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      CHARTLY_SERVICE_PUBLIC_KEYS: '{}',
      CHARTLY_CONNECTOR_HUB_URL: 'http://hub:9090',
      CHARTLY_AUDIT_URL: 'http://audit:9090',
      CHARTLY_STORAGE_URL: 'http://storage:9090',
    });
    expect([...config.roles]).toEqual(['normalizer']);
    expect(config.urlOf('connector-hub')).toBe('http://hub:9090');
    expect(config.migrateOnStart).toBe(false);
  });

  it('takes several roles in one process and asks only for what they lack', () => {
    const problems = problemsOf({ CHARTLY_ROLE: 'normalizer, storage' });
    expect(problems.map((problem) => problem.split(':')[0])).toContain('CHARTLY_CONNECTOR_HUB_URL');
    expect(problems.map((problem) => problem.split(':')[0])).not.toContain('CHARTLY_STORAGE_URL');
  });

  it('asks a role that keeps objects where they lie, and an object store of S3 for its credentials', () => {
    expect(problemsOf({ CHARTLY_ROLE: 'connector-hub' }).join()).toContain('CHARTLY_OBJECTS_URL: the role');
    expect(problemsOf({ CHARTLY_OBJECTS_URL: 's3://bucket/prefix' }).map((problem) => problem.split(':')[0])).toEqual([
      'CHARTLY_OBJECTS_ACCESS_KEY',
      'CHARTLY_OBJECTS_SECRET_KEY',
    ]);
    expect(loadConfig({ CHARTLY_OBJECTS_URL: 'file:///srv/objects' }).objectsUrl).toBe('file:///srv/objects');
    for (const wrong of ['bucket', 's3://', 'https://host', 'https://key:secret@host/bucket', 'ftp://host/bucket']) {
      expect(problemsOf({ CHARTLY_OBJECTS_URL: wrong })).toHaveLength(1);
    }
  });

  it('hosts all where every role is named', () => {
    expect(loadConfig({ CHARTLY_ROLE: SERVICES.join(',') })).toMatchObject({ hostsAll: true, embedsPostgres: true });
  });

  it('says in a sentence that a single role needs a database', () => {
    expect(problemsOf({ CHARTLY_ROLE: 'audit' })[0]).toBe(
      'CHARTLY_DATABASE_URL: the role "audit" shares a Postgres with the others, so it must be set. Only the role "all" brings its own.',
    );
  });

  it('shows no secret however the configuration is printed', () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const config = loadConfig({
      CHARTLY_DATABASE_URL: 'postgres://app:hunter2@127.0.0.1:5432/chartly',
      CHARTLY_REDIS_URL: 'redis://:hunter2@127.0.0.1:6379',
      CHARTLY_AUDIT_KEY: key,
    });
    const nested = { config };
    for (const text of [
      String(config),
      JSON.stringify(nested),
      inspect(nested, { depth: 9 }),
      `${config.toString()}`,
    ]) {
      expect(text).not.toContain('hunter2');
      expect(text).not.toContain('PRIVATE');
      expect(text).toContain('[secret]');
    }
    expect(config.databaseUrl).toContain('hunter2');
  });

  it('refuses a key that is none, without showing it', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const pem = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    for (const CHARTLY_SERVICE_PRIVATE_KEY of ['hunter2', pem]) {
      const [problem] = problemsOf({ CHARTLY_SERVICE_PRIVATE_KEY });
      expect(problem).toMatch(/^CHARTLY_SERVICE_PRIVATE_KEY: the given value is not an Ed25519 key/);
    }
    const keys = { gatway: [], storage: 'x', audit: ['x'] };
    const problems = problemsOf({ CHARTLY_SERVICE_PUBLIC_KEYS: JSON.stringify(keys) });
    expect(problems).toHaveLength(3);
    expect(problems[0]).toContain('no role "gatway"');
  });

  it.each([
    ['CHARTLY_PORT', '65536'],
    ['CHARTLY_PORT', '8080.5'],
    ['CHARTLY_BODY_MAX_BYTES', '10MB'],
    ['CHARTLY_BODY_MAX_BYTES', '65MiB'],
    ['CHARTLY_SHUTDOWN_GRACE', '-1s'],
    ['CHARTLY_MIGRATE_ON_START', 'yes'],
    ['CHARTLY_LOG_LEVEL', 'loud'],
    ['CHARTLY_SERVICE_PUBLIC_KEYS', '[]'],
    ['CHARTLY_REDIS_URL', 'http://redis'],
  ])('refuses %s=%s by its name', (name, value) => {
    const problems = problemsOf({ [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name}: `));
  });
});
