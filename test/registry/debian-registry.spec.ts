import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { locateImage } from '../../src/registry/image-location.js';
import { RegistryClient } from '../../src/registry/registry-client.js';
import { semanticVersions } from '../../src/registry/semantic-versions.js';
import { eventually } from '../support/eventually.js';

const installed = (program: string, ...args: string[]): boolean => {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
};

const ready = installed('docker-registry', '--version') && installed('htpasswd', '-h');
if (!ready) process.stdout.write('skipped: a real registry (docker-registry and htpasswd are not installed)\n');

/** Against the reference implementation of the distribution API, with passwords. */
describe.skipIf(!ready)('the registry of the distribution project', () => {
  const folder = mkdtempSync(join(tmpdir(), 'berth-registry-'));
  const login = { username: 'robot', password: 'correct horse' };
  const client = new RegistryClient();
  let server: ChildProcess;
  let host: string;

  const image = (config?: Record<string, unknown>) =>
    locateImage({ image: 'team/plugin', registryUrl: host, registryConfig: config });

  const send = (method: string, path: string, body?: string, type = 'application/octet-stream') =>
    fetch(new URL(path, `http://${host}`), {
      method,
      body,
      headers: {
        authorization: `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`,
        'content-type': type,
      },
    });

  const pushBlob = async (content: string): Promise<object> => {
    const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
    const begun = await send('POST', '/v2/team/plugin/blobs/uploads/');
    const location = new URL(begun.headers.get('location') ?? '', `http://${host}`);
    location.searchParams.set('digest', digest);
    const put = await send('PUT', `${location.pathname}${location.search}`, content);
    expect(put.status).toBe(201);
    return { mediaType: 'application/vnd.oci.image.config.v1+json', digest, size: content.length };
  };

  /** @returns the digest that the registry gave it */
  const push = async (tag: string): Promise<string | null> => {
    const mediaType = 'application/vnd.oci.image.manifest.v1+json';
    const config = await pushBlob(`{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}`);
    const annotations = { 'org.opencontainers.image.version': tag };
    const manifest = JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [], annotations });
    const put = await send('PUT', `/v2/team/plugin/manifests/${tag}`, manifest, mediaType);
    expect(put.status).toBe(201);
    return put.headers.get('docker-content-digest');
  };

  beforeAll(async () => {
    const port = await freePort();
    host = `127.0.0.1:${port}`;
    const passwords = execFileSync('htpasswd', ['-Bbn', login.username, login.password], { encoding: 'utf8' });
    writeFileSync(join(folder, 'htpasswd'), passwords.trim());
    const settings = {
      version: 0.1,
      log: { level: 'error' },
      storage: { filesystem: { rootdirectory: join(folder, 'data') } },
      http: { addr: host },
      auth: { htpasswd: { realm: 'berth', path: join(folder, 'htpasswd') } },
    };
    writeFileSync(join(folder, 'config.yml'), JSON.stringify(settings));
    server = spawn('docker-registry', ['serve', join(folder, 'config.yml')], { stdio: 'ignore' });
    await eventually(async () => expect((await send('GET', '/v2/')).status).toBe(200));
  });

  afterAll(async () => {
    await client.close();
    server.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('lists what was pushed, with its digest', async () => {
    const digests = [await push('1.0.0'), await push('1.10.0'), await push('1.9.0'), await push('latest')];
    expect(semanticVersions(await client.tags(image(login)))).toEqual(['1.10.0', '1.9.0', '1.0.0']);
    expect(await client.digest(image(login), '1.10.0')).toBe(digests[1]);
    expect(new Set(digests).size).toBe(4);
  });

  it('wants the right password', async () => {
    await expect(client.tags(image())).rejects.toThrow('wants a password');
    await expect(client.tags(image({ ...login, password: 'battery staple' }))).rejects.toMatchObject({
      failure: 'denied',
    });
  });

  it('knows no other image', async () => {
    const other = locateImage({ image: 'team/other', registryUrl: host, registryConfig: login });
    await expect(client.tags(other)).rejects.toMatchObject({ failure: 'not-found' });
    await expect(client.digest(image(login), '9.9.9')).rejects.toMatchObject({ failure: 'not-found' });
  });
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
