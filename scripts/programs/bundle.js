// Writes dist/programs/: each program of dist/ with the packages that it needs in a few files. Node.js needs most of the
// time of a start to find, read and link thousands of modules. What other applications import (dist/src/index.js) stays
// as it is.
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from 'rolldown';
import { ascii, compact } from './compact.js';
import { compileAhead } from './compile-ahead.js';
import { dropSources, mapsOfSources } from './source-maps.js';

const programs = {
  server: 'dist/src/main.js',
  worker: 'dist/src/worker.main.js',
  agent: 'dist/src/agent.main.js',
  call: 'dist/src/cli/call.main.js',
  'token-key': 'dist/src/cli/token-key.main.js',
  'embedded-mongo': 'dist/src/embedded-mongo/main.js',
};

/** What packages ask for where it is installed, and that no program needs. */
const notNeeded = [
  /^@nestjs\/(platform-express|websockets)/,
  /^@fastify\/(static|view|multipart|cors)$/,
  'kafkajs',
  'mqtt',
  'amqp-connection-manager',
  'ioredis',
  '@nats-io/transport-node',
  // For services that are not defined by generated code.
  '@grpc/proto-loader',
  'kerberos',
  '@mongodb-js/zstd',
  'gcp-metadata',
  'snappy',
  'mongodb-client-encryption',
  '@aws-sdk/credential-providers',
];

const { resolve } = createRequire(import.meta.url);
const directory = 'dist/programs';
const code = join(directory, 'code');

rmSync(directory, { recursive: true, force: true });
await build({
  input: programs,
  platform: 'node',
  external: notNeeded,
  logLevel: 'warn',
  plugins: [mapsOfSources(), compact(), ascii()],
  resolve: {
    // The modules of packages that have them: what nothing uses of these is left out.
    mainFields: ['module', 'main'],
    conditionNames: ['es2015', 'node', 'import'],
    alias: {
      // For one decorator of class-validator, which nothing here has: it would be a tenth of all code.
      'libphonenumber-js/max': join(import.meta.dirname, 'no-phone-numbers.js'),
      // One copy of what would be found twice, as a module and as CommonJS.
      bson: resolve('bson'),
      'class-transformer/cjs/storage.js': resolve('class-transformer/cjs/storage.js').replace('cjs', 'esm5'),
    },
  },
  output: {
    dir: code,
    format: 'cjs',
    sourcemap: 'hidden',
    keepNames: true,
    // Files are run in the order of their imports, as without the bundle.
    strictExecutionOrder: true,
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name]-[hash].cjs',
  },
});

dropSources(code);
for (const file of ['load.cjs', 'stacks.cjs']) copyFileSync(join('scripts/programs', file), join(directory, file));
for (const program of Object.keys(programs)) {
  const start = `#!/usr/bin/env node\n'use strict';\nrequire('./load.cjs').start('${program}');\n`;
  writeFileSync(join(directory, `${program}.cjs`), start, { mode: 0o755 });
}
await compileAhead(directory);
