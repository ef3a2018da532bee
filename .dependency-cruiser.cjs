/** The rules of the house that imports can break. */
module.exports = {
  forbidden: [
    {
      name: 'an-app-never-imports-another-app',
      comment: 'What services say to each other stands in libs/contracts.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'contracts-import-documents-and-errors-alone',
      severity: 'error',
      from: { path: '^libs/contracts/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^libs/', pathNot: '^libs/(contracts|documents|errors)/' },
    },
    {
      name: 'only-src-imports-apps',
      severity: 'error',
      from: { pathNot: '^(src|apps|test|bench)/' },
      to: { path: '^apps/' },
    },
    { name: 'libs-do-not-import-src', severity: 'error', from: { path: '^(libs|apps)/' }, to: { path: '^src/' } },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'nothing-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'shipped-code-needs-no-dev-dependency',
      severity: 'error',
      from: { path: '^(src|apps|libs)/', pathNot: '\\.(spec|testing)\\.ts$|^libs/testing/|\\.conformance\\.ts$' },
      to: { dependencyTypes: ['npm-dev'], pathNot: '@types/' },
    },
    {
      name: 'test-helpers-stay-in-tests',
      severity: 'error',
      from: { path: '^(src|apps|libs)/', pathNot: '\\.(spec|testing|conformance|bench)\\.ts$|^libs/testing/' },
      to: { path: '^libs/testing/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'require', 'node', 'default', 'types'],
    },
  },
};
