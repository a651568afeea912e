import { OptionalEnum, OptionalName, OptionalStruct, RequiredName } from '../../common/validation/decorators.js';
import { ExplainRequest_UpgradeMode as UpgradeMode } from '../../generated/berth/api/v1/lookup.js';

/** berth.api.v1.ExplainRequest */
export class ExplainRequestDto {
  @RequiredName() plugin_id!: string;
  @OptionalName() version?: string;
  @OptionalEnum(UpgradeMode) upgrade_mode?: UpgradeMode;
  @OptionalStruct() labels?: Record<string, unknown>;
  @RequiredName() domain_id!: string;
}
