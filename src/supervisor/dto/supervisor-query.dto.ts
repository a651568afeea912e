import { Type } from 'class-transformer';
import { IsBoolean, IsOptional, ValidateNested } from 'class-validator';
import { OptionalName, RequiredName } from '../../common/validation/decorators.js';
import { QueryDto } from '../../query/dto/query.dto.js';

/** spaceone.api.plugin.v1.SupervisorQuery */
export class SupervisorQueryDto {
  @IsOptional() @ValidateNested() @Type(() => QueryDto) query?: QueryDto;
  @OptionalName() supervisor_id?: string;
  @OptionalName() name?: string;
  @IsOptional() @IsBoolean() is_public?: boolean;
  @RequiredName() domain_id!: string;
}
