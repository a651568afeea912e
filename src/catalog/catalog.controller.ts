import { ApiController, ApiMethod, UnsupportedMethod } from '../common/call/api.decorators.js';
import { Call, type CallContext } from '../common/call/call-context.js';
import { Message } from '../common/call/message.decorator.js';
import { unsupportedApi } from '../common/errors/errors.js';
import type { PluginInfo, PluginsInfo, VersionsInfo } from '../generated/spaceone/api/repository/v1/plugin.js';
import { toPluginInfo, toPluginRow } from './catalog.mapper.js';
import { CatalogService } from './catalog.service.js';
import { RepositoryPluginQueryDto } from './dto/repository-plugin-query.dto.js';
import { RepositoryPluginRequestDto } from './dto/repository-plugin-request.dto.js';

/** Secrets of registries are for those who run plugins. */
const maySeeSecrets = ({ level }: CallContext) => level !== 'member';

/** The catalog as a repository service, so that supervisors find their image data here. */
@ApiController('repository/v1/plugin', 'member')
export class CatalogController {
  constructor(private readonly catalog: CatalogService) {}

  @ApiMethod('Plugin', 'get')
  async get(@Message() request: RepositoryPluginRequestDto, @Call() call: CallContext): Promise<PluginInfo> {
    return toPluginInfo(toPluginRow(await this.catalog.plugin(request.plugin_id, call.domainId), maySeeSecrets(call)));
  }

  @ApiMethod('Plugin', 'get_versions')
  async getVersions(@Message() request: RepositoryPluginRequestDto, @Call() call: CallContext): Promise<VersionsInfo> {
    const { versions } = await this.catalog.plugin(request.plugin_id, call.domainId);
    return { results: versions.map(({ version }) => version), total_count: versions.length };
  }

  @ApiMethod('Plugin', 'list')
  async list(@Message() request: RepositoryPluginQueryDto, @Call() call: CallContext): Promise<PluginsInfo> {
    const { rows, total } = await this.catalog.list(request, request.query, call.domainId, maySeeSecrets(call));
    return { results: rows.map(toPluginInfo), total_count: total };
  }

  @UnsupportedMethod('Plugin', 'register')
  register(): never {
    throw readOnly('register');
  }

  @UnsupportedMethod('Plugin', 'update')
  update(): never {
    throw readOnly('update');
  }

  @UnsupportedMethod('Plugin', 'deregister')
  deregister(): never {
    throw readOnly('deregister');
  }

  @UnsupportedMethod('Plugin', 'enable')
  enable(): never {
    throw readOnly('enable');
  }

  @UnsupportedMethod('Plugin', 'disable')
  disable(): never {
    throw readOnly('disable');
  }
}

const readOnly = (method: string) => unsupportedApi(`Plugin.${method}`, 'plugins are changed in the catalog of Berth');
