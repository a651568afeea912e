import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { packageRoot } from '../../../src/config/package-root.js';
import { missingForRegistry, RegistryProcess } from '../../support/registry-process.js';
import { buildContractImage } from './contract-image.js';
import { dockerAt, missingForDockerd, PrivateDockerd } from './private-dockerd.js';

/** What the tests on a Docker engine share. */
export interface DockerGround {
  /** Of the engine. */
  readonly host: string;
  /** `host:port` of a registry that wants a password. */
  readonly registry: string;
  readonly login: { readonly username: string; readonly password: string };
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Undefined where there is no Docker here. */
    docker: DockerGround | undefined;
  }
}

const EXAMPLES = ['plugin-aws-sns-mon-webhook:1.2.1', 'plugin-aws-sns-mon-webhook:1.2.2', 'plugin-misbehaving:1.0.0'];

/** Starts an engine and a registry, and fills them with the images of the example plugins. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const missing = [missingForDockerd(), missingForRegistry()].filter((what) => what !== '').join(', ');
  if (missing !== '') {
    if (process.env['BERTH_TEST_DOCKER'] === 'required') throw new Error(`The tests on Docker cannot run: ${missing}.`);
    process.stdout.write(`skipped: everything on a Docker engine (${missing})\n`);
    project.provide('docker', undefined);
    return undefined;
  }
  const dockerd = await PrivateDockerd.start();
  const registry = await RegistryProcess.start();
  const { login } = registry;
  const config = mkdtempSync(join(tmpdir(), 'berth-docker-'));
  try {
    const auth = Buffer.from(`${login.username}:${login.password}`).toString('base64');
    writeFileSync(join(config, 'config.json'), JSON.stringify({ auths: { [registry.host]: { auth } } }));
    execFileSync(process.execPath, ['scripts/build-images.js', '--prefix', registry.host, ...EXAMPLES], {
      cwd: packageRoot,
      env: { ...process.env, DOCKER_HOST: dockerd.host, DOCKER_BUILDKIT: '0', DOCKER_CONFIG: config },
      stdio: 'ignore',
    });
    const contract = `${registry.host}/plugin-contract:1.0.0`;
    buildContractImage(dockerd, `${registry.host}/plugin-misbehaving:1.0.0`, contract);
    for (const image of [...EXAMPLES.map((example) => `${registry.host}/${example}`), contract]) {
      dockerAt(dockerd.host, ['push', '--quiet', image], config);
    }
  } finally {
    rmSync(config, { recursive: true });
  }
  project.provide('docker', { host: dockerd.host, registry: registry.host, login });
  return async () => {
    await registry.dispose();
    await dockerd.dispose();
  };
}
