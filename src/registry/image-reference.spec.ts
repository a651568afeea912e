import { describe, expect, it } from 'vitest';
import { locateImage, pullName } from './image-location.js';
import { formatImage, parseImage } from './image-reference.js';
import { parseMirror } from './registry-mirror.js';

const digest = `sha256:${'a'.repeat(64)}`;

describe('what a name means', () => {
  it.each([
    ['alpine', 'docker.io/library/alpine'],
    ['cloudforet/plugin-a', 'docker.io/cloudforet/plugin-a'],
    ['cloudforet/plugin-a:1.2.2', 'docker.io/cloudforet/plugin-a:1.2.2'],
    ['registry.hub.docker.com/cloudforet/plugin-a', 'docker.io/cloudforet/plugin-a'],
    ['ghcr.io/o/r:v1', 'ghcr.io/o/r:v1'],
    ['localhost:5000/r', 'localhost:5000/r'],
    ['localhost/r', 'localhost/r'],
    ['127.0.0.1:5000/a/b/c:1', '127.0.0.1:5000/a/b/c:1'],
    ['[::1]:5000/r:1', '[::1]:5000/r:1'],
    [`Harbor.Example.com/p/r:1@${digest}`, `harbor.example.com/p/r:1@${digest}`],
    ['a__b/c--d/e.f_g', 'docker.io/a__b/c--d/e.f_g'],
  ])('%s is %s', (text, full) => {
    expect(formatImage(parseImage(text))).toBe(full);
    expect(formatImage(parseImage(full))).toBe(full);
  });

  it.each([
    '',
    '/',
    'a//b',
    'UPPER/case',
    '../../etc/passwd',
    'a/../b',
    '-v/host',
    'r:tag with blank',
    'r:-rf',
    'r:',
    'r@sha256:short',
    `r@${digest}@${digest}`,
    'host.example/r\n',
    'user:pass@host.example/r',
    'h.example:port/r',
    'r?n=1',
    'r#x',
    'a'.repeat(300),
  ])('refuses %j', (text) => {
    expect(() => parseImage(text)).toThrow(expect.objectContaining({ failure: 'invalid' }));
  });
});

describe('where an image is fetched from', () => {
  it.each<[Parameters<typeof locateImage>[0], string, string]>([
    [{ image: 'cloudforet/p' }, 'https://registry-1.docker.io', 'docker.io/cloudforet/p'],
    [
      { image: 'cloudforet/p', registryUrl: 'registry.hub.docker.com' },
      'https://registry-1.docker.io',
      'docker.io/cloudforet/p',
    ],
    [
      { image: 'p', registryUrl: 'harbor.example.com/project' },
      'https://harbor.example.com',
      'harbor.example.com/project/p',
    ],
    [
      { image: 'p/q', registryUrl: 'https://harbor.example.com/' },
      'https://harbor.example.com',
      'harbor.example.com/p/q',
    ],
    [{ image: 'p/q', registryUrl: 'http://harbor.lan:8080' }, 'http://harbor.lan:8080', 'harbor.lan:8080/p/q'],
    [{ image: 'ghcr.io/o/r', registryUrl: 'ghcr.io' }, 'https://ghcr.io', 'ghcr.io/o/r'],
    [{ image: '127.0.0.1:5000/r' }, 'http://127.0.0.1:5000', '127.0.0.1:5000/r'],
  ])('%o', (source, api, name) => {
    const located = locateImage(source);
    expect(located.api).toBe(api);
    expect(formatImage(located.reference)).toBe(name);
  });

  it('names what an engine pulls: the version is the tag, the digest pins it', () => {
    expect(pullName({ image: 'cloudforet/p' }, '1.2.2')).toBe('docker.io/cloudforet/p:1.2.2');
    expect(pullName({ image: 'cloudforet/p:fixed' }, '1.2.2', undefined, digest)).toBe(
      `docker.io/cloudforet/p:fixed@${digest}`,
    );
    expect(() => pullName({ image: 'cloudforet/p' }, '1 --privileged')).toThrow('is not a tag');
  });
});

describe('a mirror', () => {
  it.each([
    ['mirror.example.com', 'mirror.example.com/cloudforet/p:1.0.0', 'https://mirror.example.com'],
    ['mirror.example.com/proxy', 'mirror.example.com/proxy/cloudforet/p:1.0.0', 'https://mirror.example.com'],
    [
      'http://mirror.lan:5000/x/{registry}/',
      'mirror.lan:5000/x/docker.io/cloudforet/p:1.0.0',
      'http://mirror.lan:5000',
    ],
    ['localhost:5000', 'localhost:5000/cloudforet/p:1.0.0', 'https://localhost:5000'],
  ])('%s', (text, name, api) => {
    const mirror = parseMirror(text);
    const source = { image: 'cloudforet/p', registryConfig: { username: 'u', password: 'for the registry alone' } };
    expect(pullName(source, '1.0.0', mirror)).toBe(name);
    expect(locateImage(source, mirror)).toMatchObject({ api });
    expect(locateImage(source, mirror).credentials).toBeUndefined();
  });

  it('has a name and a password of its own', () => {
    const mirror = parseMirror('https://robot%24a:p%40ss:word@mirror.example.com/x');
    expect(mirror.login).toEqual({ username: 'robot$a', password: 'p@ss:word' });
    expect(locateImage({ image: 'p' }, mirror).credentials).toEqual({ kind: 'login', login: mirror.login });
  });

  it.each(['', 'mirror', 'ftp://mirror.example.com', 'mirror.example.com/UPPER', 'mirror.example.com:port'])(
    'is not %j',
    (text) => expect(() => parseMirror(text)).toThrow('must look like https://'),
  );
});
