// Writes dist/programs/: each program of dist/ with the packages that it needs in a few files. Node.js needs most of the
// time of a start to find, read and link thousands of modules. What other applications import (dist/src/index.js) stays
// as it is.
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { build } from 'rolldown';

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
  '@grpc/proto-loader',
  'kerberos',
  '@mongodb-js/zstd',
  'gcp-metadata',
  'snappy',
  'socks',
  'mongodb-client-encryption',
  '@aws-sdk/credential-providers',
];

const { resolve } = createRequire(import.meta.url);

const directory = 'dist/programs';
rmSync(directory, { recursive: true, force: true });
await build({
  input: programs,
  platform: 'node',
  external: notNeeded,
  logLevel: 'warn',
  resolve: {
    // The modules of packages that have them: what nothing uses of these is left out.
    mainFields: ['module', 'main'],
    conditionNames: ['es2015', 'node', 'import'],
    alias: {
      // One copy of what would be found twice, as a module and as CommonJS.
      bson: resolve('bson'),
      'class-transformer/cjs/storage.js': resolve('class-transformer/cjs/storage.js').replace('cjs', 'esm5'),
    },
  },
  output: {
    dir: directory,
    format: 'cjs',
    sourcemap: true,
    keepNames: true,
    strictExecutionOrder: true,
    minify: { mangle: false, compress: false, codegen: { removeWhitespace: true } },
    entryFileNames: '[name].cjs',
    chunkFileNames: 'chunks/[name]-[hash].cjs',
  },
});
