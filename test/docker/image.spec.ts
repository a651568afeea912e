import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { packageRoot } from '../../src/config/package-root.js';
import { eventually } from '../support/eventually.js';
import { Engine } from './kit/engine.js';

const IMAGE = 'berth.test/berth:0.0.0';

describe.skipIf(inject('docker') === undefined)('the image of Berth', () => {
  let engine: Engine;
  let container = '';

  beforeAll(() => {
    engine = new Engine();
    execFileSync(process.execPath, ['scripts/build-images.js', '--prefix', 'berth.test', 'berth:0.0.0'], {
      cwd: packageRoot,
      env: { ...process.env, DOCKER_HOST: engine.host, DOCKER_BUILDKIT: '0' },
      stdio: 'ignore',
    });
  }, 600_000);

  afterAll(() => {
    if (container !== '') engine.docker('rm', '--force', container);
    engine?.docker('rmi', '--force', IMAGE);
  });

  it('serves with nothing but a data directory to write to, as a user without rights', async () => {
    const settings = ['BERTH_HOST=0.0.0.0', 'BERTH_AUTH=none', 'BERTH_AGENT=none'].flatMap((set) => ['--env', set]);
    const confined = ['--read-only', '--cap-drop=ALL', '--security-opt=no-new-privileges', '--tmpfs=/data:mode=1777'];
    container = engine.docker('run', '--detach', '--publish=127.0.0.1::8080', ...confined, ...settings, IMAGE).trim();
    const address = engine.docker('port', container, '8080').trim().split('\n')[0] ?? '';
    await eventually(async () => {
      const status = await fetch(`http://${address}/health/ready`).then(
        (answer) => answer.status,
        () => engine.docker('logs', container),
      );
      expect(status).toBe(200);
    });
    engine.docker('stop', container);
    expect(engine.inspect(container)).toMatchObject({ State: { ExitCode: 0 } });
  });

  it('is the agent too, whatever its driver', () => {
    expect(engine.docker('run', '--rm', IMAGE, '/app/dist/programs/agent.cjs', '--help')).toContain('--kube-namespace');
    // It has loaded the client of Kubernetes when it looks for this file.
    const kubernetes = ['--driver', 'kubernetes', '--kubeconfig', '/none.yaml', '--data', '/tmp/agent'];
    const server = ['--server', '127.0.0.1:1', '--name', 'a', '--domain', 'd'];
    const agent = ['run', '--rm', '--tmpfs=/tmp', IMAGE, '/app/dist/programs/agent.cjs', ...server, ...kubernetes];
    expect(() => engine.docker(...agent)).toThrow(/cannot start\. ENOENT/);
  });
});
