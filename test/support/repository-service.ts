import { type sendUnaryData, Server, ServerCredentials, type ServerUnaryCall, status } from '@grpc/grpc-js';
import {
  type PluginInfo,
  type PluginQuery,
  PluginService,
  type PluginsInfo,
  type RepositoryPluginRequest,
  type VersionsInfo,
} from '../../src/generated/spaceone/api/repository/v1/plugin.js';

interface Published {
  readonly info: PluginInfo;
  readonly versions: readonly string[];
}

type Handler<Q, A> = (call: ServerUnaryCall<Q, A>, answer: sendUnaryData<A>) => void;

/** Cloudforet's repository service, as far as Berth asks it. */
export class RepositoryService {
  readonly plugins = new Map<string, Published>();
  /** What it was asked: `get plugin-a`. */
  readonly asked: string[] = [];
  /** The token that it wants to be shown. */
  token: string | undefined;
  /** It takes calls and never answers. */
  silent = false;
  private server: Server | undefined;
  private port = 0;

  /** `grpc://host:port`: the same after each start. */
  get address(): string {
    return `grpc://127.0.0.1:${this.port}`;
  }

  async start(): Promise<this> {
    const server = new Server();
    const get: Handler<RepositoryPluginRequest, PluginInfo> = (call, answer) =>
      this.answer('get', call, answer, ({ info }) => info);
    const getVersions: Handler<RepositoryPluginRequest, VersionsInfo> = (call, answer) =>
      this.answer('get_versions', call, answer, ({ versions }) => ({ results: [...versions] }));
    const list: Handler<PluginQuery, PluginsInfo> = ({ request }, answer) => {
      const { start = 1, limit = 10 } = request.query?.page ?? {};
      this.asked.push(`list ${start} ${limit}`);
      const all = [...this.plugins.values()].map(({ info }) => info);
      if (!this.silent) answer(null, { results: all.slice(start - 1, start - 1 + limit), total_count: all.length });
    };
    server.addService(PluginService, { get, getVersions, list });
    this.port = await new Promise<number>((resolve, reject) => {
      server.bindAsync(`127.0.0.1:${this.port}`, ServerCredentials.createInsecure(), (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
    this.server = server;
    return this;
  }

  stop(): void {
    this.server?.forceShutdown();
  }

  private answer<A>(
    method: string,
    { request, metadata }: ServerUnaryCall<RepositoryPluginRequest, A>,
    answer: sendUnaryData<A>,
    read: (plugin: Published) => A,
  ): void {
    const id = request.plugin_id ?? '';
    this.asked.push(`${method} ${id}`);
    if (this.silent) return;
    const plugin = this.plugins.get(id);
    if (this.token !== undefined && metadata.get('token')[0] !== this.token) {
      answer({ code: status.UNAUTHENTICATED, details: 'ERROR_AUTHENTICATE_FAILURE: Authenticate failure.' });
    } else if (plugin === undefined) {
      answer({ code: status.INVALID_ARGUMENT, details: `ERROR_NOT_FOUND: plugin_id could not be found. (${id})` });
    } else answer(null, read(plugin));
  }
}
