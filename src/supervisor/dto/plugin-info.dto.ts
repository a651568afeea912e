import { ArrayMaxSize, IsArray, IsBoolean, IsOptional, IsString, MaxLength } from 'class-validator';
import { OptionalEnum, OptionalName, RequiredName } from '../../common/validation/decorators.js';
import { PluginInfo_State } from '../../generated/spaceone/api/plugin/v1/supervisor.js';

/** spaceone.api.plugin.v1.PluginInfo, as a supervisor publishes it. */
export class PluginInfoDto {
  @RequiredName() plugin_id!: string;
  @RequiredName() version!: string;
  @OptionalEnum(PluginInfo_State) state?: PluginInfo_State;
  @IsOptional() @IsString() @MaxLength(1_000) endpoint?: string;
  @IsOptional() @IsBoolean() managed?: boolean;
  @IsOptional() @IsArray() @ArrayMaxSize(1_000) @IsString({ each: true }) endpoints?: string[];
  @OptionalName() domain_id?: string;
  @OptionalName() supervisor_id?: string;
  @OptionalName() supervisor_name?: string;
}
