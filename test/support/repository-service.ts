import type { JsonObject } from '@bufbuild/protobuf';
import { type Metadata, type sendUnaryData, type ServerUnaryCall, status } from '@grpc/grpc-js';
import { CloudforetServer } from './cloudforet-service.js';

interface Published {
  /** As `Plugin.get` answers it. */
  readonly info: JsonObject;
  readonly versions: readonly string[];
}

type Call = ServerUnaryCall<JsonObject, JsonObject>;
type Respond = sendUnaryData<JsonObject>;

/**
 * Cloudforet's repository service, as far as Berth asks it. Plugins of its LOCAL repository are private to their
 * `domain_id`; what is told of any other names the domain that it is told to.
 */
export class RepositoryService extends CloudforetServer {
  /** By the domain that they are private to, if any, and the id. */
  private readonly plugins = new Map<string, Published>();
  /** What it was asked, and for which domain: `get plugin-a domain-1`. */
  readonly asked: string[] = [];
  /** The token that it wants to be shown. */
  token: string | undefined;
  /** It takes calls and never answers. */
  silent = false;
  /** It cannot list tags, which it says as if there were no plugin. */
  registryAway = false;

  constructor() {
    super('spaceone.api.repository.v1.Plugin', {
      get: (call: Call, respond: Respond) =>
        this.answer('get', call, respond, ({ info }) => told(info, domainOf(call.metadata))),
      get_versions: (call: Call, respond: Respond) =>
        this.answer('get_versions', call, respond, ({ versions }) =>
          this.registryAway ? undefined : { results: [...versions], total_count: versions.length },
        ),
      list: (call: Call, respond: Respond) => this.list(call, respond),
    });
  }

  publish(info: JsonObject & { plugin_id: string }, versions: readonly string[]): void {
    this.plugins.set(keyOf(info.plugin_id, isLocal(info) ? textOf(info['domain_id']) : ''), { info, versions });
  }

  private answer(
    method: string,
    { request, metadata }: Call,
    respond: Respond,
    read: (plugin: Published) => JsonObject | undefined,
  ): void {
    const id = textOf(request['plugin_id']);
    const domain = domainOf(metadata);
    this.asked.push(`${method} ${id} ${domain}`);
    if (!this.admits(metadata, respond)) return;
    const plugin = this.plugins.get(keyOf(id, domain)) ?? this.plugins.get(keyOf(id, ''));
    const answer = plugin && read(plugin);
    if (answer !== undefined) return respond(null, answer);
    const details = `ERROR_NO_PLUGIN: Plugin does not exists. (plugin_id = ${id})`;
    respond({ code: status.INVALID_ARGUMENT, details });
  }

  private list({ request, metadata }: Call, respond: Respond): void {
    const domain = domainOf(metadata);
    const { start = 1, limit = 10 } = ((request['query'] as JsonObject | undefined)?.['page'] ?? {}) as {
      start?: number;
      limit?: number;
    };
    this.asked.push(`list ${start} ${limit} ${domain}`);
    if (!this.admits(metadata, respond)) return;
    const all = [...this.plugins.values()]
      .filter(({ info }) => !isLocal(info) || info['domain_id'] === domain)
      .map(({ info }) => told(info, domain));
    respond(null, { results: all.slice(start - 1, start - 1 + limit), total_count: all.length });
  }

  private admits(metadata: Metadata, respond: Respond): boolean {
    if (this.silent) return false;
    if (this.token === undefined || metadata.get('token')[0] === this.token) return true;
    respond({ code: status.UNAUTHENTICATED, details: 'ERROR_AUTHENTICATE_FAILURE: Authenticate failure.' });
    return false;
  }
}

const isLocal = ({ repository_info }: JsonObject) =>
  (repository_info as JsonObject | undefined)?.['repository_type'] === 'LOCAL';

const told = (info: JsonObject, domain: string): JsonObject =>
  isLocal(info) || domain === '' ? info : { ...info, domain_id: domain };

const domainOf = (metadata: Metadata) => metadata.get('x_domain_id').join(',');
const keyOf = (pluginId: string, domainId: string) => JSON.stringify([domainId, pluginId]);
const textOf = (value: unknown) => (typeof value === 'string' ? value : '');
