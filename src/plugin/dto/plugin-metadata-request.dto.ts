import { OptionalEnum, OptionalName, OptionalStruct, RequiredName } from '../../common/validation/decorators.js';
import { PluginMetadataRequest_UpgradeMode as UpgradeMode } from '../../generated/spaceone/api/plugin/v1/plugin.js';

/** spaceone.api.plugin.v1.PluginMetadataRequest */
export class PluginMetadataRequestDto {
  @RequiredName() plugin_id!: string;
  @OptionalName() version?: string;
  @OptionalEnum(UpgradeMode) upgrade_mode?: UpgradeMode;
  @OptionalStruct() options?: Record<string, unknown>;
}
