import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../../src/config/package-root.js';
import type { PrivateDockerd } from './private-dockerd.js';

/** The plugin that behaves as its environment says, as an image: on top of an example, which has Node.js. */
export function buildContractImage(dockerd: Pick<PrivateDockerd, 'docker'>, base: string, image: string): void {
  const context = mkdtempSync(join(tmpdir(), 'berth-image-'));
  mkdirSync(join(context, 'usr/local/bin'), { recursive: true });
  copyFileSync('/bin/sleep', join(context, 'usr/local/bin/sleep'));
  cpSync(join(packageRoot, 'test/agent/fixtures/plugin.mjs'), join(context, 'app/plugin.mjs'));
  const greedy = 'const kept = []; for (;;) kept.push(Buffer.alloc(1 << 20, 1));';
  writeFileSync(join(context, 'app/greedy.cjs'), greedy);
  writeFileSync(join(context, 'app/polite.cjs'), "process.on('SIGTERM', () => process.exit(0));");
  const lines = [`FROM ${base}`, 'COPY app /app', 'COPY usr /usr', 'ENTRYPOINT ["node", "/app/plugin.mjs"]'];
  writeFileSync(join(context, 'Dockerfile'), lines.join('\n'));
  dockerd.docker('build', '--quiet', '--tag', image, context);
  rmSync(context, { recursive: true });
}
