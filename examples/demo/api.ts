import assert from 'node:assert/strict';
import {
  type PluginEndpoint,
  type PluginEndpointRequest,
  type PluginFailureRequest,
  PluginService,
} from '../../src/generated/spaceone/api/plugin/v1/plugin.js';
import { type PluginInfo, SupervisorService } from '../../src/generated/spaceone/api/plugin/v1/supervisor.js';
import { Connection } from './connection.js';

/** What a caller asks of Berth, over gRPC unless it says otherwise. */
export class Api {
  private readonly connection: Connection;

  constructor(
    grpc: string,
    private readonly http: string,
  ) {
    this.connection = new Connection(grpc);
  }

  getPluginEndpoint(request: PluginEndpointRequest): Promise<PluginEndpoint> {
    return this.connection.call(PluginService.getPluginEndpoint, request);
  }

  async getPluginEndpointOverRest(request: PluginEndpointRequest): Promise<PluginEndpoint> {
    const response = await fetch(`${this.http}/plugin/v1/plugin/get-plugin-endpoint`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
      signal: AbortSignal.timeout(30_000),
    });
    const body: unknown = await response.json();
    assert.equal(response.status, 200, `The HTTP status, with the body ${JSON.stringify(body)}`);
    return body as PluginEndpoint;
  }

  async notifyFailure(request: PluginFailureRequest): Promise<void> {
    await this.connection.call(PluginService.notifyFailure, request);
  }

  async listPlugins(domainId: string): Promise<readonly PluginInfo[]> {
    const { results = [] } = await this.connection.call(SupervisorService.listPlugins, { domain_id: domainId });
    return results;
  }

  close(): void {
    this.connection.close();
  }
}
