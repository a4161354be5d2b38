// Who may import whom. `test/architecture.test.ts` runs these rules over every workspace's sources; by hand:
// `npx depcruise packages/*/src apps/*/src prisma/src`.

/** Folder of each workspace: the packages of ours that it may import, and why no others. */
const rooms = {
  'packages/contracts': {
    may: [],
    because: 'the wire is what everybody else builds on: it cannot depend on those who speak it',
  },
  'packages/vision': {
    may: [],
    because: 'pure functions over pixels and tensors stay testable and reusable only while they know nothing of ours',
  },
  'packages/http-kit': {
    may: ['packages/contracts'],
    because: 'HTTP manners are the same for every service, so they know no service and no model',
  },
  'packages/worker-kit': {
    may: ['packages/contracts', 'packages/http-kit', 'packages/vision'],
    because: 'what makes a worker is the same for every framework, and a worker knows no database',
  },
  'packages/testing': {
    may: ['packages/contracts', 'prisma'],
    because: 'tests drive the services through their doors, as a client does',
  },
  prisma: { may: [], because: 'tables and migrations serve the gateway and know nothing of HTTP' },
  'apps/gateway': {
    may: ['packages/contracts', 'packages/http-kit', 'prisma'],
    because: 'the gateway runs no model: it has no use for pixels, and talks to workers over HTTP only',
  },
  'apps/web': {
    may: ['packages/contracts', 'packages/vision'],
    because: 'the panel runs in a browser and talks to the gateway as every other client does',
  },
  'apps/cli': {
    may: ['packages/contracts'],
    because: 'the command line talks to the gateway over HTTP as every other client does',
  },
  'apps/worker-[^/]+': {
    may: ['packages/contracts', 'packages/worker-kit', 'packages/vision'],
    because: 'a worker is its families and a main of a few lines; the rest is worker-kit',
  },
};

const roomOf = (folder) => `^${folder}/`;
const anyRoom = '^(packages/[^/]+|apps/[^/]+|prisma)/';

/** Native code that decodes, draws and runs models: it may crash its process, so only a child may load it. */
const nativeModules = 'node_modules/(onnxruntime-node|sharp|@napi-rs)/';

const importRules = Object.entries(rooms).map(([folder, { may, because }]) => ({
  name: `${folder.replace('[^/]+', '*')} imports ${may.length === 0 ? 'nothing of ours' : `only ${may.join(', ')}`}`,
  comment: because,
  severity: 'error',
  from: { path: roomOf(folder) },
  to: {
    path: anyRoom,
    // A workspace's own files are always allowed; that workers import no other worker is a rule of its own.
    pathNot: [`^${folder}/`, ...may.map(roomOf)],
  },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...importRules,
    {
      name: 'apps never import apps',
      comment: 'services share no code but packages, so that each can be deployed, and fail, alone',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'sources never import testing',
      comment: 'what only tests need must not be able to reach a deployment',
      severity: 'error',
      from: { pathNot: '^packages/testing/' },
      to: { path: '^packages/testing/' },
    },
    {
      name: 'a package is entered by its exports',
      comment: "a file that package.json does not export may change without anybody's leave",
      severity: 'error',
      from: { path: '^((?:packages|apps)/[^/]+|prisma)/' },
      to: { path: '^((packages|apps)/[^/]+|prisma)/src/', pathNot: '^$1/' },
    },
    {
      name: 'every import is found',
      comment: 'an import that is not found is one that no other rule can judge',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no cycles',
      comment: 'files that load each other see one another half made; types are not loaded, so they may point back',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'native code is loaded by children only',
      comment: 'a decoder or a model that crashes must take one child with it, never a worker or the gateway',
      severity: 'error',
      from: { path: '^packages/worker-kit/src/(index|family)[.]ts$' },
      to: { path: nativeModules, reachable: true },
    },
    {
      name: 'services load no native code',
      comment: 'families are listed by the parent process as well: they reach decoders through worker-kit’s child only',
      severity: 'error',
      from: { path: '^(apps/[^/]+|packages/(http-kit|contracts|vision))/' },
      to: { path: nativeModules },
    },
    {
      name: 'children load no schemas',
      comment: 'all schemas and their library are half of a child’s heap and of its start: it takes contracts/plain',
      severity: 'error',
      from: {
        path: '^(packages/worker-kit/src/(child/|frame-codec[.]ts)|apps/worker-[^/]+/src/(child[.]ts|families/))',
      },
      to: {
        path: '^packages/contracts/dist/index[.]js',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'only child.ts enters the child',
      comment: 'whatever imports worker-kit/child loads native code into its own process',
      severity: 'error',
      from: { path: '^apps/', pathNot: '/src/child[.]ts$' },
      to: { path: '^packages/worker-kit/dist/child/' },
    },
  ],
  options: {
    // Packages are read as sources in their own folders; what others see of them is their compiled exports.
    doNotFollow: { path: ['node_modules', '/dist/'] },
    exclude: { path: ['[.]test[.]tsx?$', '^prisma/src/generated/'] },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
