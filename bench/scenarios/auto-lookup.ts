import { PluginEndpointRequest_UpgradeMode as UpgradeMode } from '../../src/generated/spaceone/api/plugin/v1/plugin.js';
import { comparisonRows } from '../kit/comparison-rows.js';
import { grpcSide, pidsOf, request, warmServer } from '../kit/lookups.js';
import { compare } from '../kit/pairs.js';
import type { Scenario } from '../kit/scenario.js';

export const autoLookup: Scenario = {
  name: 'auto-grpc',
  title: 'get_plugin_endpoint of the newest version (AUTO), and of a named one',
  async run(settings) {
    const { version: _, ...unversioned } = request;
    const fields = { ...unversioned, upgrade_mode: UpgradeMode.AUTO };
    const compared = await compare(settings, async (keep) => {
      const server = keep(await warmServer());
      return [
        grpcSide('AUTO', server.grpc, pidsOf(server), { fields }),
        grpcSide('named version', server.grpc, pidsOf(server)),
      ];
    });
    return comparisonRows(this.name, ['AUTO', 'named version'], compared, {});
  },
};
