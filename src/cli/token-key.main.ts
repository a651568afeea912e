#!/usr/bin/env node
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';

const usage = `Makes the key that Berth signs tokens for plugins with (Ed25519, PEM), and writes it to a new file.

  npm run --silent token-key -- FILE

Start the server with BERTH_TOKEN_KEY=FILE then; plugins find the public key at /.well-known/jwks.json.
`;

const [path] = process.argv.slice(2);
if (path === undefined || path.startsWith('-')) {
  process.stdout.write(usage);
  process.exitCode = path === '--help' ? 0 : 2;
} else {
  const { privateKey } = generateKeyPairSync('ed25519');
  try {
    // For the owner alone, and never over another key.
    writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' });
    process.stdout.write(`The key is in ${path}. Start the server with BERTH_TOKEN_KEY=${path}\n`);
  } catch (error) {
    process.stderr.write(`No key was made: ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
