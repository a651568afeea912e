import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ImageSource, locateImage } from '../../src/registry/image-location.js';
import { RegistryClient } from '../../src/registry/registry-client.js';
import { HTTP_DEFAULTS, RegistryHttp } from '../../src/registry/registry-http.js';
import { parseMirror } from '../../src/registry/registry-mirror.js';
import { ScriptedRegistry } from './scripted-registry.js';

let registry: ScriptedRegistry;
let client: RegistryClient;
const config = { username: 'robot', password: 'pass:word' };

const image = (more: Partial<ImageSource> = {}) =>
  locateImage({ image: 'team/plugin', registryUrl: registry.host, ...more });

beforeEach(async () => {
  registry = await ScriptedRegistry.open();
  client = new RegistryClient({ maxBytes: 100_000, timeoutMs: 60_000 });
});

afterEach(async () => {
  await client.close();
  await registry.close();
});

describe('tags', () => {
  it('lists them', async () => {
    expect(await client.tags(image())).toEqual(['1.0.0', '1.1.0', 'latest']);
  });

  it('follows the pages to their end', async () => {
    const tags = Array.from({ length: 250 }, (_, index) => `1.0.${index}`);
    registry.repositories.set('team/plugin', tags);
    registry.pageSize = 100;
    expect(await client.tags(image())).toEqual(tags);
    expect(registry.requests).toHaveLength(3);
  });

  it('does not follow pages in circles, nor to another host', async () => {
    const link = (target: string) => {
      registry.intercept = (_, response) => {
        response.setHeader('link', `<${target}>; rel="next"`).end('{"tags":["1.0.0"]}');
        return true;
      };
    };
    link('/v2/team/plugin/tags/list?n=1000');
    await expect(client.tags(image())).rejects.toThrow('no end of tags');
    link('http://169.254.169.254/v2/team/plugin/tags/list?n=1000');
    await expect(client.tags(image())).rejects.toThrow('no end of tags');
    expect(registry.requests.every((line) => line.includes('/v2/team/plugin/'))).toBe(true);
  });

  it('has none where all were deleted', async () => {
    registry.intercept = (_, response) => (response.end('{"name":"team/plugin","tags":null}'), true);
    expect(await client.tags(image())).toEqual([]);
  });

  it.each(['', 'null', '{}', '{"tags":{}}', '{"tags":[1]}', '<html>'])('refuses %j as a list of tags', async (body) => {
    registry.intercept = (_, response) => (response.end(body), true);
    await expect(client.tags(image())).rejects.toMatchObject({ failure: 'unavailable' });
  });

  it('names an image that is not there', async () => {
    await expect(client.tags(image({ image: 'team/other' }))).rejects.toMatchObject({
      failure: 'not-found',
      message: `There is no such image. (image = ${registry.host}/team/other)`,
    });
  });
});

describe('digests', () => {
  it('are those of the header', async () => {
    expect(await client.digest(image(), '1.0.0')).toBe(registry.digest);
    expect(registry.requests).toEqual(['HEAD /v2/team/plugin/manifests/1.0.0']);
  });

  it('are computed where the header is missing', async () => {
    registry.intercept = (request, response) => {
      response.end(request.method === 'HEAD' ? undefined : registry.manifest);
      return true;
    };
    expect(await client.digest(image(), '1.0.0')).toBe(registry.digest);
  });

  it('of no such tag are an error', async () => {
    await expect(client.digest(image(), '9.9.9')).rejects.toThrow(`(image = ${registry.host}/team/plugin:9.9.9)`);
  });
});

describe('authentication', () => {
  it('sends a password where it is asked for, and from then on at once', async () => {
    registry.protection = 'basic';
    expect(await client.tags(image({ registryConfig: config }))).toHaveLength(3);
    await client.tags(image({ registryConfig: config }));
    expect(registry.requests).toHaveLength(3);
  });

  it('fetches a token where it is sent for one, and uses it until it expires', async () => {
    registry.protection = 'token';
    await client.tags(image({ registryConfig: config }));
    await client.digest(image({ registryConfig: config }), '1.0.0');
    expect(registry.requests).toEqual([
      'GET /v2/team/plugin/tags/list?n=1000',
      'GET /token?service=scripted&scope=repository%3Ateam%2Fplugin%3Apull',
      'GET /v2/team/plugin/tags/list?n=1000',
      'HEAD /v2/team/plugin/manifests/1.0.0',
    ]);
  });

  it('fetches another token when one was revoked, or has a short life', async () => {
    registry.protection = 'token';
    await client.tags(image({ registryConfig: config }));
    registry.revoke();
    expect(await client.tags(image({ registryConfig: config }))).toHaveLength(3);
    registry.tokenSeconds = 2;
    registry.revoke();
    await client.tags(image({ registryConfig: config }));
    const before = registry.requests.length;
    // The client keeps it for no longer than a millisecond.
    await new Promise((resolve) => setTimeout(resolve, 10));
    await client.tags(image({ registryConfig: config }));
    expect(registry.requests.slice(before).some((line) => line.startsWith('GET /token'))).toBe(true);
  });

  it('keeps what one has proved from another', async () => {
    registry.protection = 'token';
    await client.tags(image({ registryConfig: config }));
    await expect(client.tags(image())).rejects.toMatchObject({ failure: 'denied' });
    await expect(client.tags(image({ registryConfig: { ...config, password: 'x' } }))).rejects.toMatchObject({
      failure: 'denied',
    });
  });

  it.each(['basic', 'token'] as const)('tells a wrong password from a missing one (%s)', async (protection) => {
    registry.protection = protection;
    const wrong = client.tags(image({ registryConfig: { username: 'robot', password: 'hush' } }));
    await expect(wrong).rejects.toThrow('refuses the user name or password');
    await expect(wrong).rejects.not.toThrow('hush');
    await expect(client.tags(image())).rejects.toThrow('wants a password, and registry_config has none');
  });

  it('exchanges the access keys of Amazon for a password, once', async () => {
    registry.protection = 'basic';
    registry.login = { username: 'AWS', password: 'from-ecr' };
    const ecr = await ScriptedRegistry.open();
    const seen: string[] = [];
    ecr.intercept = (request, response) => {
      seen.push(String(request.headers.authorization), String(request.headers['x-amz-target']));
      const authorizationToken = Buffer.from('AWS:from-ecr').toString('base64');
      const expiresAt = Date.now() / 1_000 + 43_200;
      response.end(JSON.stringify({ authorizationData: [{ authorizationToken, expiresAt }] }));
      return true;
    };
    const own = new RegistryClient({ ecrEndpoint: () => `http://${ecr.host}/` });
    const keys = { aws_access_key_id: 'AKID', aws_secret_access_key: 'secret', region_name: 'eu-west-1' };
    const located = image({ registryType: 'AWS_PRIVATE_ECR', registryConfig: keys });
    expect(await own.tags(located)).toHaveLength(3);
    expect(await own.login(located)).toEqual({ username: 'AWS', password: 'from-ecr' });
    expect(seen).toHaveLength(2);
    expect(seen[0]).toMatch(/^AWS4-HMAC-SHA256 Credential=AKID\/\d{8}\/eu-west-1\/ecr\/aws4_request/);
    expect(seen[1]).toBe('AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken');
    await own.close();
    await ecr.close();
  });
});

describe('a registry in trouble', () => {
  it.each([429, 500, 502, 503, 504])('is asked again after %i', async (status) => {
    registry.failNext(2, status, { 'retry-after': '0' });
    expect(await client.tags(image())).toHaveLength(3);
    expect(registry.requests).toHaveLength(3);
  });

  it('is left alone when it wants to be for long', async () => {
    registry.failNext(1, 429, { 'retry-after': '120' });
    await expect(client.tags(image())).rejects.toMatchObject({ failure: 'throttled', retryAfterMs: 120_000 });
    expect(registry.requests).toHaveLength(1);
  });

  it('is given up after some attempts', async () => {
    registry.failNext(100, 503, { 'retry-after': '0' });
    await expect(client.tags(image())).rejects.toMatchObject({
      failure: 'unavailable',
      message: expect.stringContaining('503') as string,
    });
    expect(registry.requests).toHaveLength(HTTP_DEFAULTS.attempts);
  });

  it('may cut the connection in the middle of an answer', async () => {
    let cut = false;
    registry.intercept = (request, response) => {
      if (cut) return false;
      cut = true;
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"tags":[');
      setImmediate(() => request.socket.destroy());
      return true;
    };
    expect(await client.tags(image())).toHaveLength(3);
  });

  it('may be silent', async () => {
    registry.intercept = () => true;
    const impatient = new RegistryClient({ timeoutMs: 200 });
    await expect(impatient.tags(image())).rejects.toMatchObject({ failure: 'unavailable' });
    await impatient.close();
  });

  it('may be absent', async () => {
    const { host } = registry;
    await registry.close();
    await expect(client.tags(locateImage({ image: 'p', registryUrl: host }))).rejects.toThrow(
      `${host} does not answer`,
    );
  });

  it('may never end its answer', async () => {
    registry.intercept = (_, response) => {
      response.write(`{"tags":["${'x'.repeat(200_000)}`);
      return true;
    };
    await expect(client.tags(image())).rejects.toThrow('its answer is too long');
  });
});

describe('where an answer points to', () => {
  const redirect = (location: string) => {
    registry.intercept = (request, response) => {
      if (!request.url?.startsWith('/v2/')) return false;
      response.writeHead(307, { location }).end();
      return true;
    };
  };

  it('is followed, without the credentials of another host', async () => {
    registry.protection = 'basic';
    const other = await ScriptedRegistry.open();
    const seen: (string | undefined)[] = [];
    other.intercept = (request) => (seen.push(request.headers.authorization), false);
    await client.tags(image({ registryConfig: config }));
    redirect(`http://${other.host}/v2/team/plugin/tags/list`);
    expect(await client.tags(image({ registryConfig: config }))).toHaveLength(3);
    expect(seen).toEqual([undefined]);
    await other.close();
  });

  it.each(['http://169.254.169.254/latest/meta-data', 'http://[fe80::1]/', 'file:///etc/passwd'])(
    'is not followed to %s',
    async (location) => {
      redirect(location);
      await expect(client.tags(image())).rejects.toThrow('must not be connected to');
    },
  );

  it('is not followed in circles', async () => {
    redirect('/v2/again');
    await expect(client.tags(image())).rejects.toThrow('redirects more than 5 times');
  });

  it('is not a private network where the registry is public', async () => {
    const http = new RegistryHttp({ attempts: 1 });
    const url = `http://${registry.host}/v2/`;
    await expect(http.send({ method: 'GET', url, home: '8.8.8.8' })).rejects.toThrow('is a private address');
    const named = url.replace('127.0.0.1', 'localhost');
    await expect(http.send({ method: 'GET', url: named, home: '8.8.8.8' })).rejects.toThrow('is a private address');
    expect(registry.requests).toEqual([]);
    await http.close();
  });

  it('is no place for a password where it is link-local', async () => {
    registry.protection = 'token';
    registry.realm = 'http://169.254.169.254/token';
    await expect(client.tags(image({ registryConfig: config }))).rejects.toThrow('must not be connected to');
  });
});

it('asks the mirror for everything, with the credentials of the mirror', async () => {
  registry.protection = 'token';
  registry.repositories.set('proxy/ghcr.io/team/plugin', ['7.0.0']);
  const mirror = parseMirror(`http://robot:pass%3Aword@${registry.host}/proxy/{registry}`);
  const mirrored = locateImage(
    { image: 'ghcr.io/team/plugin', registryConfig: { username: 'x', password: 'y' } },
    mirror,
  );
  expect(await client.tags(mirrored)).toEqual(['7.0.0']);
  expect(await client.digest(mirrored, '7.0.0')).toBe(registry.digest);
});
