import { RequiredName } from '../../common/validation/decorators.js';

/** spaceone.api.plugin.v1.PluginFailureRequest */
export class PluginFailureRequestDto {
  @RequiredName() supervisor_id!: string;
  @RequiredName() version!: string;
  @RequiredName() domain_id!: string;
  @RequiredName() plugin_id!: string;
}
