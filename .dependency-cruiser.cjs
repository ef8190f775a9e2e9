/**
 * Imports point one way: cli → run → drivers → guest → host; matrix and results stand beside them, reporters see only
 * results. `npm run deps` holds it.
 */
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: '^(matrix|drivers|reporters|src)/', pathNot: [from, ...allowed] },
});

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    only('host-stands-alone', '^src/host/', []),
    only('results-know-the-host', '^src/results/', ['^src/host/']),
    only('report-knows-results', '^src/report/', ['^src/(results|host)/', '^matrix/(cell-id|shard)[.]ts$']),
    only('guest-knows-the-host', '^src/guest/', ['^src/host/']),
    only('matrix-is-pure', '^matrix/', ['^src/host/errors[.]ts$']),
    only('reporters-know-results', '^reporters/', ['^src/results/', '^src/host/']),
    only('drivers-know-guest-and-host', '^drivers/', [
      '^matrix/(model|engine-schema|nearest)[.]ts$',
      '^src/guest/',
      '^src/host/',
    ]),
    only('run-knows-no-reporter-and-no-cli', '^src/run/', [
      '^matrix/',
      '^drivers/',
      '^src/(guest|results|host)/',
    ]),
    {
      name: 'one-engine-knows-no-other',
      severity: 'error',
      from: { path: '^drivers/([^/]+)/' },
      to: { path: '^drivers/[^/]+/', pathNot: '^drivers/($1|vm)/' },
    },
    {
      name: 'not-to-dev-dependency',
      severity: 'error',
      from: { path: '^(matrix|drivers|reporters|src)/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'child-processes-only-in-exec',
      severity: 'error',
      from: { path: '^(matrix|drivers|reporters|src)/', pathNot: '^src/host/exec[.]ts$' },
      to: { path: '^(node:)?child_process$|node_modules/execa' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
