// Builds images: of the example plugins, one for each plugin and version, and of Berth itself:
//
//     npm run build:images -- [--prefix registry.example/team] [--base node:22-bookworm-slim] [--push] [NAME:VERSION …]
//
// Without --base no image is pulled: the base is made of this machine's own Node.js and the libraries that it loads.
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';

const root = join(import.meta.dirname, '..');
const { version: berthVersion } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const IMAGES = [
  'plugin-aws-sns-mon-webhook:1.2.1',
  'plugin-aws-sns-mon-webhook:1.2.2',
  'plugin-misbehaving:1.0.0',
  `berth:${berthVersion}`,
];

/** What an image holds besides packages: folders of code, and what the code reads. */
const contentsOf = (name) =>
  name === 'berth'
    ? {
        dockerfile: 'deploy/Dockerfile',
        code: ['dist/programs'],
        files: ['proto', 'assets', 'catalog.yaml', 'package.json'],
      }
    : {
        dockerfile: `examples/plugins/${name}/Dockerfile`,
        code: [`dist/examples/plugins/${name}`, 'dist/examples/plugins/kit', 'dist/src/generated'],
        files: ['package.json'],
      };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { prefix: { type: 'string', default: 'berth' }, base: { type: 'string' }, push: { type: 'boolean' } },
});

const docker = (...args) => execFileSync('docker', args, { stdio: ['ignore', 'ignore', 'inherit'] });
const scratch = mkdtempSync(join(tmpdir(), 'berth-images-'));
try {
  const base = values.base ?? buildBase();
  for (const wanted of positionals.length > 0 ? positionals : IMAGES) {
    const [name, version = ''] = wanted.split(':');
    const context = join(scratch, name);
    const contents = contentsOf(name);
    if (!existsSync(context)) copyProgram(contents, context);
    const image = `${values.prefix}/${wanted}`;
    const args = ['--build-arg', `BASE=${base}`, '--build-arg', `VERSION=${version}`];
    docker('build', '--quiet', '--file', join(root, contents.dockerfile), ...args, '--tag', image, context);
    if (values.push) docker('push', '--quiet', image);
    console.log(image);
  }
} finally {
  rmSync(scratch, { recursive: true });
}

function buildBase() {
  const image = `berth/node:${process.versions.node}`;
  const context = join(scratch, 'base');
  const put = (from, to) => {
    mkdirSync(dirname(join(context, to)), { recursive: true });
    copyFileSync(realpathSync(from), join(context, to));
  };
  put(process.execPath, 'usr/local/bin/node');
  // The dynamic loader stands among them, and finds the others where it finds them here.
  const loaded = execFileSync('ldd', [process.execPath], { encoding: 'utf8' }).matchAll(/(\/\S+) \(0x/g);
  for (const [, library] of loaded) put(library, library);
  writeFileSync(join(context, 'Dockerfile'), 'FROM scratch\nCOPY . /\nENV PATH=/usr/local/bin\n');
  writeFileSync(join(context, '.dockerignore'), 'Dockerfile\n.dockerignore\n');
  docker('build', '--quiet', '--tag', image, context);
  return image;
}

/** Compiled code, with the packages that it imports and those that they need. */
function copyProgram({ code, files }, context) {
  const own = (source) => !/\.(spec\.js|d\.ts|js\.map)$/.test(source);
  for (const part of [...code, ...files])
    cpSync(join(root, part), join(context, part), { recursive: true, filter: own });
  const packages = new Set();
  for (const part of code) {
    for (const file of readdirSync(join(context, part), { recursive: true })) {
      if (!file.endsWith('.js')) continue;
      const text = readFileSync(join(context, part, file), 'utf8');
      for (const [, name] of text.matchAll(/(?:from|import\()\s*["']((?:@[^/"']+\/)?[^./"'][^/"':]*)["'/]/g)) {
        addPackage(name, root, packages);
      }
    }
  }
  for (const folder of packages) {
    cpSync(folder, join(context, relative(root, folder)), {
      recursive: true,
      filter: (source) => own(source) && !(source !== folder && source.endsWith('/node_modules')),
    });
  }
}

function addPackage(name, from, packages) {
  // There are no paths for a package that is called like a module of Node.js.
  const folder = createRequire(join(from, 'package.json'))
    .resolve.paths('any-package')
    ?.map((path) => join(path, name))
    .find((path) => readPackage(path) !== undefined);
  if (folder === undefined || packages.has(folder)) return;
  packages.add(folder);
  const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = readPackage(folder);
  for (const needed of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) {
    addPackage(needed, folder, packages);
  }
}

function readPackage(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  } catch {
    return undefined;
  }
}
