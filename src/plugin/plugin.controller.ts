import { PluginTokens } from '../auth/plugin-tokens.js';
import { ApiController, ApiMethod } from '../common/call/api.decorators.js';
import { Call, type CallContext } from '../common/call/call-context.js';
import { Message } from '../common/call/message.decorator.js';
import { requiredParameter } from '../common/errors/errors.js';
import type { PluginEndpoint, PluginMetadata } from '../generated/spaceone/api/plugin/v1/plugin.js';
import { RepairService } from '../installed-plugin/repair.service.js';
import { PluginEndpointRequestDto } from './dto/plugin-endpoint-request.dto.js';
import { PluginFailureRequestDto } from './dto/plugin-failure-request.dto.js';
import { PluginMetadataRequestDto } from './dto/plugin-metadata-request.dto.js';
import { type EndpointRequest, EndpointService } from './endpoint.service.js';
import { MetadataService } from './metadata.service.js';
import type { Endpoint } from './offer.js';
import { toEndpointRequest, toPluginEndpoint } from './plugin.mapper.js';

@ApiController('plugin/v1/plugin', 'member')
export class PluginController {
  constructor(
    private readonly endpoints: EndpointService,
    private readonly metadata: MetadataService,
    private readonly repair: RepairService,
    private readonly tokens: PluginTokens,
  ) {}

  @ApiMethod('Plugin', 'get_plugin_endpoint')
  getPluginEndpoint(
    @Message() request: PluginEndpointRequestDto,
    @Call() call: CallContext,
  ): PluginEndpoint | Promise<PluginEndpoint> {
    const wanted = toEndpointRequest(request, request.domain_id);
    const ready = this.endpoints.ready(wanted);
    if (ready !== undefined) return this.withToken(wanted, ready);
    return this.endpoints.find(wanted, () => call).then((found) => this.withToken(wanted, found));
  }

  @ApiMethod('Plugin', 'get_plugin_metadata')
  async getPluginMetadata(
    @Message() request: PluginMetadataRequestDto,
    @Call() call: CallContext,
  ): Promise<PluginMetadata> {
    const { domainId } = call;
    if (domainId === undefined) throw requiredParameter('x_domain_id');
    return { metadata: await this.metadata.find(toEndpointRequest(request, domainId), request.options ?? {}, call) };
  }

  @ApiMethod('Plugin', 'notify_failure')
  async notifyFailure(@Message() request: PluginFailureRequestDto): Promise<object> {
    await this.repair.reportFailure({
      supervisorId: request.supervisor_id,
      pluginId: request.plugin_id,
      version: request.version,
      domainId: request.domain_id,
    });
    return {};
  }

  /** At once where the token is at hand. */
  private withToken(
    { domainId, pluginId }: EndpointRequest,
    found: Endpoint,
  ): PluginEndpoint | Promise<PluginEndpoint> {
    const { version, generation } = found;
    const token = this.tokens.issue({ domainId, pluginId, version, generation });
    return typeof token === 'string'
      ? toPluginEndpoint(found, token)
      : token.then((signed) => toPluginEndpoint(found, signed));
  }
}
