// The doors between the rooms of src/. Each rule names what it keeps apart, and why.
const persistence = '(^|/)node_modules/(mongoose|mongodb|@nestjs/mongoose)/';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      comment: 'Rooms and files that need each other cannot be understood or tested apart.',
      severity: 'error',
      from: { pathNot: '^src/generated' },
      to: { circular: true },
    },
    {
      name: 'common-knows-no-feature',
      comment: 'What is open to all must not depend on any of them.',
      severity: 'error',
      from: { path: '^src/common' },
      to: { path: '^src/(?!common|generated)' },
    },
    {
      name: 'config-knows-no-feature',
      severity: 'error',
      from: { path: '^src/config' },
      to: { path: '^src/(?!common|config|generated)' },
    },
    {
      name: 'features-meet-at-services',
      comment: 'A room uses another through its exported services and domain types, never through what is behind them.',
      severity: 'error',
      from: { path: '^src/([^/]+)/' },
      to: {
        path: '^src/[^/]+/.*(\\.(repository|schema|mapper|controller)\\.ts$|/dto/)',
        pathNot: ['^src/$1/', '^src/query/dto/'],
      },
    },
    {
      name: 'mongoose-stays-behind-repositories',
      comment:
        'Repositories, schemas and modules know the database; the change feed is its ear, src/database its connection.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: ['\\.(repository|schema|module)\\.ts$', '^src/database/', '^src/change-feed/', '^src/embedded-mongo/'],
      },
      to: { path: persistence },
    },
    {
      name: 'query-is-pure',
      comment: 'Queries are compiled by functions that know neither Nest nor the database driver.',
      severity: 'error',
      from: { path: '^src/query/', pathNot: '\\.spec\\.ts$' },
      to: { path: [persistence, '(^|/)node_modules/@nestjs/', '^src/(?!query|common|generated)'] },
    },
    {
      name: 'registry-knows-no-feature',
      comment: 'A client of image registries: the server lists versions with it, the agent pulls with it.',
      severity: 'error',
      from: { path: '^src/registry' },
      to: { path: '^src/(?!registry|common|generated)' },
    },
    {
      name: 'versions-are-pure',
      comment: 'What is a version, and which is newer, depends on its text alone.',
      severity: 'error',
      from: { path: '^src/versions/', pathNot: '\\.(spec|fixture)\\.ts$' },
      to: { pathNot: '^src/versions/' },
    },
    {
      name: 'versions-have-one-door',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/versions/' },
      to: { path: '^src/versions/', pathNot: '^src/versions/index\\.ts$' },
    },
    {
      name: 'openapi-knows-no-feature',
      comment: 'It finds what is served by how it is decorated, and so misses nothing.',
      severity: 'error',
      from: { path: '^src/openapi' },
      to: { path: '^src/(?!openapi|common|config|generated)' },
    },
    {
      name: 'agent-knows-no-server-room',
      comment: 'The agent speaks only the messages of the link: it runs as well in another cluster.',
      severity: 'error',
      from: { path: '^src/agent' },
      to: { path: '^src/(?!agent|common|config|generated|registry)' },
    },
    {
      name: 'no-server-room-knows-the-agent',
      severity: 'error',
      from: { path: '^src/(?!agent|main\\.ts)' },
      to: { path: '^src/agent' },
    },
    {
      name: 'drivers-know-no-other-driver',
      severity: 'error',
      from: { path: '^src/agent/drivers/([^/]+)/' },
      to: { path: '^src/agent/drivers/[^/]+/', pathNot: '^src/agent/drivers/$1/' },
    },
    {
      name: 'embedded-mongo-knows-nobody',
      comment: 'It is a database: it could be a program of its own, and is.',
      severity: 'error',
      from: { path: '^src/embedded-mongo/' },
      to: { path: '^src/(?!embedded-mongo)' },
    },
    {
      name: 'embedded-mongo-is-reached-by-uri',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/embedded-mongo/', '^src/main\\.ts$'] },
      to: { path: '^src/embedded-mongo/' },
    },
    {
      name: 'examples-are-strangers',
      comment: 'An example plugin knows the wire and nothing else of the server.',
      severity: 'error',
      from: { path: '^examples/plugins/' },
      to: { path: '^src/(?!generated)' },
    },
    {
      name: 'generated-knows-nobody',
      severity: 'error',
      from: { path: '^src/generated/' },
      to: { path: '^src/(?!generated)' },
    },
    {
      name: 'nothing-unused',
      comment: 'A file that nobody imports and that is no program is dead.',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: [
          '\\.spec\\.ts$',
          '\\.d\\.ts$',
          '(^|/)main\\.ts$',
          '\\.main\\.ts$',
          '^src/index\\.ts$',
          '^src/generated/',
          '^test/',
        ],
      },
      to: {},
    },
    {
      name: 'not-to-dev-dependencies',
      comment: 'Programs run where only dependencies are installed.',
      severity: 'error',
      from: { path: '^(src|examples)/', pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'not-to-the-unlisted',
      severity: 'error',
      from: { path: '^(src|examples)/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types', 'default'] },
  },
};
