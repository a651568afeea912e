import { Type } from 'class-transformer';
import { IsOptional, ValidateNested } from 'class-validator';
import { OptionalEnum, OptionalName } from '../../common/validation/decorators.js';
import { PluginInfo_RegistryType, PluginInfo_State } from '../../generated/spaceone/api/repository/v1/plugin.js';
import { QueryDto } from '../../query/dto/query.dto.js';

/** spaceone.api.repository.v1.PluginQuery */
export class RepositoryPluginQueryDto {
  @IsOptional() @ValidateNested() @Type(() => QueryDto) query?: QueryDto;
  @OptionalName() plugin_id?: string;
  @OptionalName() name?: string;
  @OptionalEnum(PluginInfo_State) state?: PluginInfo_State;
  @OptionalName() resource_type?: string;
  @OptionalName() provider?: string;
  @OptionalEnum(PluginInfo_RegistryType) registry_type?: PluginInfo_RegistryType;
  /** Berth is one repository, which serves whatever repository is named. */
  @OptionalName() repository_id?: string;
}
