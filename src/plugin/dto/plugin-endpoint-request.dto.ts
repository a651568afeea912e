import { OptionalEnum, OptionalName, OptionalStruct, RequiredName } from '../../common/validation/decorators.js';
import { PluginEndpointRequest_UpgradeMode as UpgradeMode } from '../../generated/spaceone/api/plugin/v1/plugin.js';

/** spaceone.api.plugin.v1.PluginEndpointRequest */
export class PluginEndpointRequestDto {
  @RequiredName() plugin_id!: string;
  @OptionalName() version?: string;
  @OptionalEnum(UpgradeMode) upgrade_mode?: UpgradeMode;
  @OptionalStruct() labels?: Record<string, unknown>;
  @RequiredName() domain_id!: string;
}
