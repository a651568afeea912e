import { Injectable } from '@nestjs/common';
import { PluginTokens } from '../auth/plugin-tokens.js';
import { CatalogService } from '../catalog/catalog.service.js';
import { type EndpointRequest, EndpointService, type Patience } from './endpoint.service.js';
import { PluginClient } from './plugin-client.js';

/** Asks plugins what they offer. */
@Injectable()
export class MetadataService {
  constructor(
    private readonly endpoints: EndpointService,
    private readonly catalog: CatalogService,
    private readonly client: PluginClient,
    private readonly tokens: PluginTokens,
  ) {}

  /**
   * What the plugin answers to `init`; it is deployed first where nothing serves it yet.
   *
   * @throws BerthError as {@link EndpointService.find}, and ERROR_PLUGIN_FAILURE
   * @throws PluginAnswer what the plugin answers instead
   */
  async find(
    request: EndpointRequest,
    options: Record<string, unknown>,
    patience: Patience,
  ): Promise<Record<string, unknown>> {
    const { resourceType } = await this.catalog.plugin(request.pluginId, request.domainId);
    const found = await this.endpoints.find(request, () => patience);
    return this.client.init({
      pluginId: request.pluginId,
      endpoint: found.endpoint,
      token: await this.tokens.issue({ ...request, ...found }),
      resourceType,
      options,
      domainId: request.domainId,
      deadline: patience.deadline,
    });
  }
}
