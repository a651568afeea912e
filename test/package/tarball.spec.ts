import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Caller } from '../support/caller.js';
import { endProgram, startProgram } from '../support/program.js';

const root = join(import.meta.dirname, '../..');
const env = { PATH: process.env['PATH'], HOME: process.env['HOME'] };
let project: string;

/** The package as its users install it, with the newest dependencies that its ranges allow. */
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'berth-package-'));
  const npm = (cwd: string, ...args: string[]) => execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: 'pipe' });
  const [{ filename }] = JSON.parse(npm(root, 'pack', '--ignore-scripts', '--json', '--pack-destination', project)) as [
    { filename: string },
  ];
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'empty', private: true, type: 'module' }));
  npm(project, 'install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', `./${filename}`);
}, 300_000);
afterAll(() => rmSync(project, { recursive: true, force: true }));

it('runs as a server in an empty project', { tags: ['all'] }, async () => {
  const berth = await startProgram(join(project, 'node_modules/berth/dist/src/main.js'), [], {
    cwd: project,
    env: { ...env, BERTH_GRPC_PORT: '0', BERTH_HTTP_PORT: '0' },
  });
  const [, grpc = '', http = ''] = /gRPC (\S+), HTTP (http:\S+)/.exec(berth.line) ?? [];
  const call = new Caller(grpc, http);
  expect((await fetch(`${http}/docs/docs.js`)).status).toBe(200);
  const request = { plugin_id: 'plugin-aws-sns-mon-webhook', version: '1.2.2', domain_id: 'domain-a' };
  expect(await call.ok('grpc', 'get_plugin_endpoint', request)).toEqual(
    await call.ok('rest', 'get_plugin_endpoint', request),
  );
  call.close();
  expect(await endProgram(berth)).toBe(0);
});

it('is importable, with its types', { tags: ['all'] }, () => {
  writeFileSync(
    join(project, 'use.mjs'),
    `import { BerthModule, EndpointService } from 'berth'; import { AgentModule } from 'berth/agent';
     import { startEmbeddedMongo } from 'berth/embedded-mongo';
     console.log([BerthModule, EndpointService, AgentModule, startEmbeddedMongo].map(({ name }) => name).join());`,
  );
  const printed = execFileSync(process.execPath, ['use.mjs'], { cwd: project, env, encoding: 'utf8' });
  expect(printed.trim()).toBe('BerthModule,EndpointService,AgentModule,startEmbeddedMongo');
  const { exports } = JSON.parse(readFileSync(join(project, 'node_modules/berth/package.json'), 'utf8')) as {
    exports: Record<string, string | { types: string }>;
  };
  for (const entry of Object.values(exports)) {
    if (typeof entry !== 'string') readFileSync(join(project, 'node_modules/berth', entry.types));
  }
});
