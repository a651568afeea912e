import { ApiController, ApiMethod } from '../common/call/api.decorators.js';
import { Call, type CallContext } from '../common/call/call-context.js';
import { Message } from '../common/call/message.decorator.js';
import { labelsFromList } from '../common/labels.js';
import type {
  PluginInfo,
  PluginsInfo,
  SupervisorInfo,
  SupervisorsInfo,
} from '../generated/spaceone/api/plugin/v1/supervisor.js';
import { InstalledPluginService } from '../installed-plugin/installed-plugin.service.js';
import { PluginQueryDto } from './dto/plugin-query.dto.js';
import { PublishSupervisorDto } from './dto/publish-supervisor.dto.js';
import { RecoverPluginDto } from './dto/recover-plugin.dto.js';
import { RegisterSupervisorDto } from './dto/register-supervisor.dto.js';
import { SupervisorQueryDto } from './dto/supervisor-query.dto.js';
import { SupervisorRequestDto } from './dto/supervisor-request.dto.js';
import { SupervisorStatQueryDto } from './dto/supervisor-stat-query.dto.js';
import {
  toPluginInfo,
  toPluginMatch,
  toPluginRow,
  toPublishedPlugin,
  toSettings,
  toSupervisorMatch,
} from './supervisor-request.mapper.js';
import { toSupervisorInfo, toSupervisorRow } from './supervisor.mapper.js';
import { SupervisorService } from './supervisor.service.js';

@ApiController('plugin/v1/supervisor', 'admin')
export class SupervisorController {
  constructor(
    private readonly supervisors: SupervisorService,
    private readonly installed: InstalledPluginService,
  ) {}

  @ApiMethod('Supervisor', 'publish')
  async publish(@Message() request: PublishSupervisorDto): Promise<SupervisorInfo> {
    const supervisor = await this.supervisors.publish(
      {
        domainId: request.domain_id,
        hostname: request.hostname,
        name: request.name,
        isPublic: request.is_public,
        labels: request.labels && labelsFromList(request.labels),
        tags: request.tags,
      },
      (request.plugin_info ?? []).map(toPublishedPlugin),
    );
    return toSupervisorInfo(supervisor);
  }

  @ApiMethod('Supervisor', 'register')
  async register(@Message() request: RegisterSupervisorDto): Promise<SupervisorInfo> {
    return toSupervisorInfo(
      await this.supervisors.register(request.supervisor_id, request.domain_id, toSettings(request)),
    );
  }

  @ApiMethod('Supervisor', 'update')
  async update(@Message() request: RegisterSupervisorDto): Promise<SupervisorInfo> {
    return toSupervisorInfo(
      await this.supervisors.update(request.supervisor_id, request.domain_id, toSettings(request)),
    );
  }

  @ApiMethod('Supervisor', 'deregister')
  async deregister(@Message() request: SupervisorRequestDto): Promise<object> {
    await this.supervisors.deregister(request.supervisor_id, request.domain_id);
    return {};
  }

  @ApiMethod('Supervisor', 'enable')
  async enable(@Message() request: SupervisorRequestDto): Promise<SupervisorInfo> {
    return toSupervisorInfo(await this.supervisors.enable(request.supervisor_id, request.domain_id));
  }

  @ApiMethod('Supervisor', 'disable')
  async disable(@Message() request: SupervisorRequestDto): Promise<SupervisorInfo> {
    return toSupervisorInfo(await this.supervisors.disable(request.supervisor_id, request.domain_id));
  }

  @ApiMethod('Supervisor', 'recover_plugin')
  async recoverPlugin(@Message() request: RecoverPluginDto): Promise<PluginInfo> {
    const plugin = await this.supervisors.recoverPlugin({
      supervisorId: request.supervisor_id,
      pluginId: request.plugin_id,
      version: request.version,
      domainId: request.domain_id,
    });
    return toPluginInfo(plugin, this.supervisors.find(plugin.supervisorId), request.domain_id);
  }

  @ApiMethod('Supervisor', 'get')
  async get(@Message() request: SupervisorRequestDto): Promise<SupervisorInfo> {
    return toSupervisorInfo(await this.supervisors.get(request.supervisor_id, request.domain_id));
  }

  @ApiMethod('Supervisor', 'list')
  async list(@Message() request: SupervisorQueryDto): Promise<SupervisorsInfo> {
    const { rows, total } = await this.supervisors.list(request.domain_id, toSupervisorMatch(request), request.query);
    return { results: rows.map(toSupervisorRow), total_count: total };
  }

  @ApiMethod('Supervisor', 'stat')
  stat(@Message() request: SupervisorStatQueryDto): Promise<Record<string, unknown>> {
    return this.supervisors.stat(request.domain_id, request.query);
  }

  @ApiMethod('Supervisor', 'list_plugins')
  async listPlugins(@Message() request: PluginQueryDto, @Call() call: CallContext): Promise<PluginsInfo> {
    const { rows, total } = await this.installed.list(
      request.domain_id,
      toPluginMatch(request),
      request.query,
      call.signal,
    );
    return { results: rows.map(toPluginRow), total_count: total };
  }
}
