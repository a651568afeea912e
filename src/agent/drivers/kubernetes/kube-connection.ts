import { Agent as HttpAgent, type IncomingMessage, request as httpRequest, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';

export interface KubeConnectionOptions {
  /** A kubeconfig file; without one, the service account of the Pod it runs in, then what kubectl would take. */
  readonly kubeconfig?: string;
  /** One of its contexts, instead of the current one. */
  readonly context?: string;
  /** Instead of that of the context, or of the Pod. */
  readonly namespace?: string;
}

/** Where an API server is, and how to prove to it who is asking. */
export class KubeConnection {
  private agent?: { readonly key: string; readonly agent: HttpAgent };

  private constructor(
    private readonly config: KubeConfig,
    private readonly server: string,
    readonly namespace: string,
  ) {}

  /** @throws Error saying what is missing */
  static async open({ kubeconfig, context, namespace }: KubeConnectionOptions): Promise<KubeConnection> {
    // The client is large: it is only loaded where Kubernetes is the driver.
    const { KubeConfig: Config } = await import('@kubernetes/client-node');
    const config = new Config();
    if (kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(kubeconfig);
    if (context !== undefined) config.setCurrentContext(context);
    const cluster = config.getCurrentCluster();
    if (!cluster)
      throw new Error(`The kubeconfig has no cluster for its context. (context = ${config.currentContext})`);
    const own = config.getContextObject(config.currentContext)?.namespace;
    return new KubeConnection(config, cluster.server.replace(/\/+$/, ''), namespace ?? own ?? 'default');
  }

  /** Sends a request; resolves with the head of the answer. Rejects when the signal aborts, also while the body comes. */
  async send(
    method: string,
    path: string,
    { headers, body, signal }: { headers?: Record<string, string>; body?: string; signal?: AbortSignal },
  ): Promise<IncomingMessage> {
    const url = new URL(this.server + path);
    const credentials: RequestOptions = {};
    // Each time: tokens are replaced while the agent runs.
    await this.config.applyToHTTPSOptions(credentials as Parameters<KubeConfig['applyToHTTPSOptions']>[0]);
    const agent = this.keepAlive(url, credentials);
    const options: RequestOptions = {
      ...credentials,
      agent,
      method,
      signal,
      headers: {
        'user-agent': 'berth-agent',
        accept: 'application/json',
        // A DELETE with a body has no length of its own.
        ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
        ...credentials.headers,
        ...headers,
      },
    };
    return new Promise((resolve, reject) => {
      const send = url.protocol === 'http:' ? httpRequest : httpsRequest;
      const request = send(url, options, resolve);
      request.once('error', reject);
      request.once('socket', (socket) => socket.setKeepAlive(true, 15_000));
      request.end(body);
    });
  }

  close(): void {
    this.agent?.agent.destroy();
  }

  /** The client makes an agent for each request; one that is kept saves a handshake each time. */
  private keepAlive(url: URL, options: RequestOptions): HttpAgent {
    const { ca, cert, key, rejectUnauthorized, servername, agent } = options as RequestOptions &
      ConstructorParameters<typeof HttpsAgent>[0];
    if (this.config.getCurrentCluster()?.proxyUrl) return agent as HttpAgent;
    const identity = [ca, cert, key, rejectUnauthorized, servername].map(String).join('\n');
    if (this.agent?.key === identity) return this.agent.agent;
    this.agent?.agent.destroy();
    const kept =
      url.protocol === 'http:'
        ? new HttpAgent({ keepAlive: true })
        : new HttpsAgent({ keepAlive: true, ca, cert, key, rejectUnauthorized, servername });
    this.agent = { key: identity, agent: kept };
    return kept;
  }
}
