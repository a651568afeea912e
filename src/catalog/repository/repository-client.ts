import { readFile } from 'node:fs/promises';
import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { repositoryBackend } from '../../common/errors/errors.js';
import { grpcTarget } from '../../common/grpc/grpc-address.js';
import {
  PluginClient,
  type PluginInfo,
  type PluginsInfo,
  type VersionsInfo,
} from '../../generated/spaceone/api/repository/v1/plugin.js';
import { privateTo, type RepositoryPlugin } from './repository-plugin.js';

const SECOND = 1_000;

/** How long the service may take for an answer, in milliseconds. It may have to ask image registries itself. */
const CALL_TIMEOUT = 10 * SECOND;

/** Rows of one page of a list, and how many pages are asked for at most. */
const PAGE = 1_000;
const MAX_PAGES = 20;

type Answered<T> = (error: ServiceError | null, response: T) => void;

/** Where a repository service is, and what it is shown. */
export interface RepositorySource {
  /** `grpc://host:port`, or `grpc+ssl://host:port` over TLS */
  readonly address: string;
  /** File with the token that is sent; none is sent where there is no file. */
  readonly tokenFile?: string | undefined;
}

/** Asks a Cloudforet repository service. */
export class RepositoryClient {
  private readonly client: PluginClient;

  constructor(private readonly source: RepositorySource) {
    const { host, credentials } = grpcTarget(source.address);
    this.client = new PluginClient(host, credentials, {
      'grpc.initial_reconnect_backoff_ms': SECOND,
      'grpc.max_reconnect_backoff_ms': 5 * SECOND,
    });
  }

  /**
   * @returns undefined where the service knows no such plugin, or it is private to another domain
   * @throws BerthError ERROR_REPOSITORY_BACKEND
   */
  async find(pluginId: string, domainId: string | undefined): Promise<RepositoryPlugin | undefined> {
    const request = { plugin_id: pluginId };
    const [plugin, versions] = await Promise.allSettled([
      this.call<PluginInfo>(domainId, (metadata, options, answered) =>
        this.client.get(request, metadata, options, answered),
      ),
      this.call<VersionsInfo>(domainId, (metadata, options, answered) =>
        this.client.getVersions(request, metadata, options, answered),
      ),
    ]);
    if (plugin.status === 'rejected') {
      if (isUnknown(plugin.reason)) return undefined;
      throw refusal(plugin.reason);
    }
    if (!isFor(domainId, plugin.value)) return undefined;
    // A plugin that it knows has versions: it says the same of one that it does not know while it cannot list the tags.
    if (versions.status === 'rejected') throw refusal(versions.reason);
    return { info: plugin.value, versions: versions.value.results ?? [] };
  }

  /** Every plugin that the domain sees, without its versions. @throws BerthError ERROR_REPOSITORY_BACKEND */
  async list(domainId: string | undefined): Promise<readonly PluginInfo[]> {
    const found: PluginInfo[] = [];
    try {
      for (let page = 0; page < MAX_PAGES; page++) {
        const query = { sort: [{ key: 'plugin_id' }], page: { start: page * PAGE + 1, limit: PAGE } };
        const { results = [] } = await this.call<PluginsInfo>(domainId, (metadata, options, answered) =>
          this.client.list({ query }, metadata, options, answered),
        );
        found.push(...results.filter((info) => isFor(domainId, info)));
        if (results.length < PAGE) break;
      }
    } catch (error) {
      throw refusal(error);
    }
    return found;
  }

  close(): void {
    this.client.close();
  }

  private async call<T>(
    domainId: string | undefined,
    send: (metadata: Metadata, options: { deadline: number }, answered: Answered<T>) => unknown,
  ): Promise<T> {
    const metadata = new Metadata();
    if (domainId !== undefined && SENDABLE.test(domainId)) metadata.set('x_domain_id', domainId);
    // Read anew each time: tokens are replaced before they expire.
    if (this.source.tokenFile !== undefined) {
      metadata.set('token', (await readFile(this.source.tokenFile, 'utf8')).trim());
    }
    return new Promise((resolve, reject) => {
      send(metadata, { deadline: Date.now() + CALL_TIMEOUT }, (error, response) =>
        error === null ? resolve(response) : reject(error),
      );
    });
  }
}

/** What arrives as it was sent: a domain of another name has nothing private there, as no service can be asked for it. */
const SENDABLE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/** What is private to a domain is for that domain, whoever's token Berth shows. */
function isFor(domainId: string | undefined, info: PluginInfo): boolean {
  const owner = privateTo(info);
  return owner === undefined || owner === domainId;
}

/** Cloudforet's services do not agree on the status of what they do not know; on the code they do. */
function isUnknown(error: unknown): boolean {
  const { code, details } = error as Partial<ServiceError>;
  return code === status.NOT_FOUND || /^ERROR_(NO_PLUGIN|(\w+_)?NOT_FOUND)\b/.test(details ?? '');
}

/** Where the service is, and what it says of itself, is for the log and not for callers. */
function refusal(error: unknown): Error {
  const { code } = error as Partial<ServiceError>;
  const reason = typeof code === 'number' ? status[code] : 'its token cannot be read';
  return repositoryBackend(`the repository service cannot be asked: ${reason}`, error);
}
