import { Type } from 'class-transformer';
import { IsOptional, ValidateNested } from 'class-validator';
import { OptionalEnum, OptionalName } from '../../common/validation/decorators.js';
import { PluginQuery_State, PublicRegistryType } from '../../generated/spaceone/api/repository/v1/plugin.js';
import { QueryDto } from '../../query/dto/query.dto.js';

/** spaceone.api.repository.v1.PluginQuery */
export class RepositoryPluginQueryDto {
  @IsOptional() @ValidateNested() @Type(() => QueryDto) query?: QueryDto;
  @OptionalName() plugin_id?: string;
  @OptionalName() name?: string;
  @OptionalEnum(PluginQuery_State) state?: PluginQuery_State;
  @OptionalName() resource_type?: string;
  @OptionalName() provider?: string;
  @OptionalEnum(PublicRegistryType) registry_type?: PublicRegistryType;
  /** Berth is one repository, which serves whatever repository is named. */
  @OptionalName() repository_id?: string;
}
