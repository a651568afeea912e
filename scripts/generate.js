// Writes src/generated/ from proto/: messages and service definitions (buf + ts-proto), the descriptors that server
// reflection serves, and the comments for the documentation. `--check` writes to a temporary folder instead and fails when src/generated/ differs.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { protoComments } from './proto-comments.js';

const run = (command, ...args) =>
  execFileSync(join('node_modules', '.bin', command), args, { stdio: ['ignore', 'inherit', 'inherit'] });

const check = process.argv.includes('--check');
const scratch = mkdtempSync(join(tmpdir(), 'berth-generate-'));
try {
  run('buf', 'generate', '--output', scratch);
  // Only their descriptors are needed: options that no code of ours reads.
  for (const unused of ['google/api', 'google/protobuf/descriptor.ts']) {
    rmSync(join(scratch, 'src/generated', unused), { recursive: true });
  }
  const descriptors = join(scratch, 'descriptors.binpb');
  run('buf', 'build', '--as-file-descriptor-set', '--exclude-source-info', '--output', descriptors);
  writeFileSync(
    join(scratch, 'src/generated/descriptors.ts'),
    [
      '// Generated from proto/. DO NOT EDIT.',
      '/** A serialized google.protobuf.FileDescriptorSet of everything under proto/ and its imports. */',
      `export const fileDescriptorSet = Buffer.from('${readFileSync(descriptors).toString('base64')}', 'base64');`,
      '',
    ].join('\n'),
  );
  const commented = join(scratch, 'commented.binpb');
  run('buf', 'build', '--as-file-descriptor-set', '--output', commented);
  writeFileSync(
    join(scratch, 'src/generated/comments.ts'),
    [
      '// Generated from proto/. DO NOT EDIT.',
      '/** What the protos say, by the full name of what they say it of. */',
      `export const protoComments: Readonly<Record<string, string>> = ${JSON.stringify(protoComments(readFileSync(commented), ['spaceone/', 'berth/api/']), null, 2)};`,
      '',
    ].join('\n'),
  );
  if (check) {
    execFileSync('diff', ['-r', join(scratch, 'src/generated'), 'src/generated'], { stdio: 'inherit' });
  } else {
    rmSync('src/generated', { recursive: true, force: true });
    cpSync(join(scratch, 'src/generated'), 'src/generated', { recursive: true });
  }
} catch (error) {
  if (check) process.stderr.write('src/generated/ is not what proto/ generates: run `npm run generate`.\n');
  else process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
