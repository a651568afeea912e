import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { locateImage } from '../../src/registry/image-location.js';
import { RegistryClient } from '../../src/registry/registry-client.js';
import { newestFirst } from '../../src/versions/index.js';
import { missingForRegistry, RegistryProcess } from '../support/registry-process.js';

const missing = missingForRegistry();
if (missing !== '') process.stdout.write(`skipped: a real registry (${missing})\n`);

/** Against the reference implementation of the distribution API, with passwords. */
describe.skipIf(missing !== '')('the registry of the distribution project', () => {
  const client = new RegistryClient();
  let registry: RegistryProcess;

  const image = (config?: Record<string, unknown>) =>
    locateImage({ image: 'team/plugin', registryUrl: registry.host, registryConfig: config });

  const send: RegistryProcess['send'] = (...request) => registry.send(...request);

  const pushBlob = async (content: string): Promise<object> => {
    const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
    const begun = await send('POST', '/v2/team/plugin/blobs/uploads/');
    const location = new URL(begun.headers.get('location') ?? '', `http://${registry.host}`);
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
    registry = await RegistryProcess.start();
  });

  afterAll(async () => {
    await client.close();
    await registry.dispose();
  });

  it('lists what was pushed, with its digest', async () => {
    const digests = [await push('1.0.0'), await push('1.10.0'), await push('1.9.0'), await push('latest')];
    const tags = await client.tags(image(registry.login));
    expect(newestFirst(tags, (tag) => tag)).toEqual(['1.10.0', '1.9.0', '1.0.0', 'latest']);
    expect(await client.digest(image(registry.login), '1.10.0')).toBe(digests[1]);
    expect(new Set(digests).size).toBe(4);
  });

  it('wants the right password', async () => {
    await expect(client.tags(image())).rejects.toThrow('wants a password');
    await expect(client.tags(image({ ...registry.login, password: 'battery staple' }))).rejects.toMatchObject({
      failure: 'denied',
    });
  });

  it('knows no other image', async () => {
    const other = locateImage({ image: 'team/other', registryUrl: registry.host, registryConfig: registry.login });
    await expect(client.tags(other)).rejects.toMatchObject({ failure: 'not-found' });
    await expect(client.digest(image(registry.login), '9.9.9')).rejects.toMatchObject({ failure: 'not-found' });
  });
});
