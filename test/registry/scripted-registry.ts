import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How the registry is protected. */
export type Protection = 'open' | 'basic' | 'token';

type Handler = (request: IncomingMessage, response: ServerResponse) => boolean;

/** A registry on loopback that speaks the OCI distribution API, and fails as it is told to. */
export class ScriptedRegistry {
  readonly server = createServer((request, response) => this.handle(request, response));
  /** `METHOD path?query`, in the order of their arrival. */
  readonly requests: string[] = [];
  readonly repositories = new Map<string, readonly string[]>([['team/plugin', ['1.0.0', '1.1.0', 'latest']]]);
  readonly manifest = JSON.stringify({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json' });
  protection: Protection = 'open';
  login = { username: 'robot', password: 'pass:word' };
  /** How long it says that a token is good for. */
  tokenSeconds = 300;
  /** Tags in one page, whatever was asked for. */
  pageSize = 1_000;
  realm = '';
  /** Looked at before anything else; true when it has answered. */
  intercept: Handler = () => false;
  /** Their scopes. They do not expire by themselves: a busy machine may need long to use one. */
  private readonly tokens = new Map<string, string>();

  static async open(): Promise<ScriptedRegistry> {
    const registry = new ScriptedRegistry();
    await new Promise<void>((resolve) => registry.server.listen(0, '127.0.0.1', resolve));
    registry.realm = `http://${registry.host}/token`;
    return registry;
  }

  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get digest(): string {
    return `sha256:${createHash('sha256').update(this.manifest).digest('hex')}`;
  }

  /** All tokens given out stop working. */
  revoke(): void {
    this.tokens.clear();
  }

  /** The next so many requests are answered with this. */
  failNext(times: number, status: number, headers: Record<string, string> = {}): void {
    let left = times;
    this.intercept = (_, response) => {
      if (left <= 0) return false;
      left -= 1;
      response.writeHead(status, headers).end();
      return true;
    };
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private handle(request: IncomingMessage, response: ServerResponse): void {
    this.requests.push(`${request.method} ${request.url}`);
    if (this.intercept(request, response)) return;
    const url = new URL(request.url ?? '/', `http://${this.host}`);
    if (url.pathname === '/token') return this.giveToken(request, response, url);
    const [, repository = '', what = '', name = ''] =
      /^\/v2\/(.+)\/(tags|manifests)\/([^/]+)$/.exec(url.pathname) ?? [];
    if (!this.isAllowed(request, response, repository)) return;
    const tags = this.repositories.get(repository);
    if (!tags || (what === 'manifests' && !tags.includes(name))) {
      response.writeHead(404).end('{"errors":[{"code":"NAME_UNKNOWN"}]}');
    } else if (what === 'tags') {
      this.listTags(response, repository, tags, url);
    } else {
      response
        .setHeader('docker-content-digest', this.digest)
        .end(request.method === 'HEAD' ? undefined : this.manifest);
    }
  }

  private listTags(response: ServerResponse, name: string, tags: readonly string[], url: URL): void {
    const from = tags.indexOf(url.searchParams.get('last') ?? '') + 1;
    const page = tags.slice(from, from + this.pageSize);
    const last = page.at(-1);
    if (last !== undefined && from + page.length < tags.length) {
      response.setHeader('link', `</v2/${name}/tags/list?last=${last}&n=${this.pageSize}>; rel="next"`);
    }
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ name, tags: page }));
  }

  private isAllowed(request: IncomingMessage, response: ServerResponse, repository: string): boolean {
    const { authorization = '' } = request.headers;
    const scope = `repository:${repository}:pull`;
    if (this.protection === 'open') return true;
    if (this.protection === 'basic') {
      if (this.isLogin(authorization)) return true;
      response.writeHead(401, { 'www-authenticate': 'Basic realm="Registry"' }).end();
      return false;
    }
    if (this.tokens.get(authorization.replace(/^Bearer /, '')) === scope) return true;
    const challenge = `Bearer realm="${this.realm}",service="scripted",scope="${scope}"`;
    response.writeHead(401, { 'www-authenticate': challenge }).end();
    return false;
  }

  private giveToken(request: IncomingMessage, response: ServerResponse, url: URL): void {
    if (url.searchParams.get('service') !== 'scripted') return void response.writeHead(400).end();
    if (!this.isLogin(request.headers.authorization ?? '')) return void response.writeHead(401).end();
    const token = `token-${this.requests.length}`;
    const scope = url.searchParams.get('scope') ?? '';
    this.tokens.set(token, scope);
    response.end(JSON.stringify({ token, expires_in: this.tokenSeconds }));
  }

  private isLogin(authorization: string): boolean {
    const { username, password } = this.login;
    return authorization === `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  }
}
