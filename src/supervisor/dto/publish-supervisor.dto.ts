import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsOptional, IsString, MaxLength, ValidateNested } from 'class-validator';
import { OptionalStruct, RequiredName } from '../../common/validation/decorators.js';
import { PluginInfoDto } from './plugin-info.dto.js';

/** spaceone.api.plugin.v1.PublishSupervisorRequest */
export class PublishSupervisorDto {
  @RequiredName() name!: string;
  @RequiredName() hostname!: string;
  @IsOptional() @IsString() @MaxLength(1_000) secret_key?: string;
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(10_000)
  @ValidateNested({ each: true })
  @Type(() => PluginInfoDto)
  plugin_info?: PluginInfoDto[];
  @IsOptional() @IsBoolean() is_public?: boolean;
  /** `key=value`, or `key` alone. */
  @IsOptional() @IsArray() @ArrayMaxSize(1_000) @IsString({ each: true }) labels?: string[];
  @OptionalStruct() tags?: Record<string, unknown>;
  @RequiredName() domain_id!: string;
}
