import { Type } from 'class-transformer';
import { IsOptional, IsString, MaxLength, ValidateNested } from 'class-validator';
import { OptionalEnum, OptionalName, RequiredName } from '../../common/validation/decorators.js';
import { PluginQuery_State } from '../../generated/spaceone/api/plugin/v1/supervisor.js';
import { QueryDto } from '../../query/dto/query.dto.js';

/** spaceone.api.plugin.v1.PluginQuery */
export class PluginQueryDto {
  @IsOptional() @ValidateNested() @Type(() => QueryDto) query?: QueryDto;
  @OptionalName() supervisor_id?: string;
  @OptionalName() hostname?: string;
  @OptionalName() plugin_id?: string;
  @OptionalName() version?: string;
  @OptionalEnum(PluginQuery_State) state?: PluginQuery_State;
  @IsOptional() @IsString() @MaxLength(1_000) endpoint?: string;
  @RequiredName() domain_id!: string;
}
