import { createHash } from 'node:crypto';
import type { ecrEndpoint } from './ecr-token.js';
import type { ImageLocation } from './image-location.js';
import { RegistryAuth } from './registry-auth.js';
import type { RegistryLogin } from './registry-credentials.js';
import { RegistryError } from './registry-error.js';
import { type HttpAnswer, type HttpLimits, RegistryHttp } from './registry-http.js';

export interface RegistryClientOptions extends Partial<HttpLimits> {
  readonly now?: () => number;
  readonly ecrEndpoint?: typeof ecrEndpoint;
}

const PAGE_SIZE = 1_000;
const MAX_PAGES = 100;
const MANIFESTS = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** Reads from image registries by the OCI distribution API: Docker Hub, GHCR, Harbor, ECR, GCR and their kin. */
export class RegistryClient {
  private readonly http: RegistryHttp;
  private readonly auth: RegistryAuth;

  constructor({ now, ecrEndpoint, ...limits }: RegistryClientOptions = {}) {
    this.http = new RegistryHttp(limits);
    this.auth = new RegistryAuth(this.http, now, ecrEndpoint);
  }

  /**
   * All tags of the image's repository, as the registry orders them.
   *
   * @throws RegistryError
   */
  async tags(image: ImageLocation): Promise<string[]> {
    const { repository } = image.reference;
    const tags: string[] = [];
    const seen = new Set<string>();
    let next: URL | undefined = new URL(`${image.api}/v2/${repository}/tags/list?n=${PAGE_SIZE}`);
    while (next !== undefined) {
      if (seen.size >= MAX_PAGES || seen.has(next.href)) {
        throw new RegistryError('unavailable', `${next.host} has no end of tags. (image = ${nameOf(image)})`);
      }
      seen.add(next.href);
      const answer: HttpAnswer = await this.ask(image, 'GET', next);
      tags.push(...tagsOf(answer, image));
      next = nextPage(answer, next);
    }
    return tags;
  }

  /**
   * The digest that the tag names now: that of the index, where the image is there for several platforms.
   *
   * @returns `sha256:…`
   * @throws RegistryError `not-found` where there is no such tag
   */
  async digest(image: ImageLocation, tag: string): Promise<string> {
    const url = new URL(`${image.api}/v2/${image.reference.repository}/manifests/${encodeURIComponent(tag)}`);
    const head = await this.ask(image, 'HEAD', url, { accept: MANIFESTS }, tag);
    const told = head.header('docker-content-digest');
    if (told !== undefined && DIGEST.test(told)) return told;
    const { body } = await this.ask(image, 'GET', url, { accept: MANIFESTS }, tag);
    return `sha256:${createHash('sha256').update(body).digest('hex')}`;
  }

  /** What a container engine needs to pull the image; undefined where nothing. @throws RegistryError `denied` */
  login({ credentials }: ImageLocation): Promise<RegistryLogin | undefined> {
    return this.auth.login(credentials);
  }

  close(): Promise<void> {
    return this.http.close();
  }

  private async ask(
    image: ImageLocation,
    method: 'GET' | 'HEAD',
    url: URL,
    headers: Record<string, string> = { accept: 'application/json' },
    tag?: string,
  ): Promise<HttpAnswer> {
    const { credentials, reference } = image;
    const scope = `repository:${reference.repository}:pull`;
    const home = new URL(image.api).host;
    const answer = await this.auth.send({ method, url: url.href, headers, home, scope, credentials });
    const name = `${nameOf(image)}${tag === undefined ? '' : `:${tag}`}`;
    if (answer.status === 200) return answer;
    if (answer.status === 404) throw new RegistryError('not-found', `There is no such image. (image = ${name})`);
    if (answer.status === 401 || answer.status === 403) {
      throw new RegistryError('denied', `${home} does not let us see the image. (image = ${name})`);
    }
    // 400: it takes the name for none.
    const failure = answer.status === 400 ? 'invalid' : 'unavailable';
    throw new RegistryError(failure, `${home} answers ${answer.status}. (image = ${name})`);
  }
}

const nameOf = ({ reference }: ImageLocation): string => `${reference.registry}/${reference.repository}`;

function tagsOf({ body }: HttpAnswer, image: ImageLocation): string[] {
  try {
    const { tags } = JSON.parse(body) as { tags?: unknown };
    // A repository whose tags were all deleted answers null.
    if (tags === null) return [];
    if (Array.isArray(tags) && tags.every((tag) => typeof tag === 'string')) return tags;
  } catch {
    // Told below.
  }
  throw new RegistryError(
    'unavailable',
    `The registry does not answer with a list of tags. (image = ${nameOf(image)})`,
  );
}

/** Of `Link: </v2/…?last=x&n=100>; rel="next"`. It stays on the host that was asked. */
function nextPage({ header }: HttpAnswer, asked: URL): URL | undefined {
  const target = /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(header('link') ?? '')?.[1];
  if (target === undefined) return undefined;
  const { pathname, search } = new URL(target, asked);
  return new URL(`${pathname}${search}`, asked);
}
