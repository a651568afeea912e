import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsOptional, IsString, MaxLength, ValidateNested } from 'class-validator';
import { QUERY_LIMITS } from '../limits.js';
import { FilterDto } from './filter.dto.js';

/** A field, and the name its value is answered under. */
export class GroupSubFieldDto {
  @IsOptional() @IsString() @MaxLength(QUERY_LIMITS.nameLength) key?: string;
  @IsOptional() @IsString() @MaxLength(QUERY_LIMITS.nameLength) k?: string;
  @IsOptional() @IsString() @MaxLength(QUERY_LIMITS.nameLength) name?: string;
  @IsOptional() @IsString() @MaxLength(QUERY_LIMITS.nameLength) n?: string;
}

/** A field that groups are made by. */
export class GroupKeyDto extends GroupSubFieldDto {
  @IsOptional() @IsString() @MaxLength(QUERY_LIMITS.nameLength) date_format?: string;
}

/** A field of a projection. */
export class ProjectFieldDto extends GroupSubFieldDto {
  @IsOptional() @IsString() @MaxLength(QUERY_LIMITS.nameLength) operator?: string;
  @IsOptional() @IsString() @MaxLength(QUERY_LIMITS.nameLength) o?: string;
}

/** What is gathered of a group's rows. */
export class GroupFieldDto extends ProjectFieldDto {
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(QUERY_LIMITS.stageFields)
  @ValidateNested({ each: true })
  @Type(() => GroupSubFieldDto)
  fields?: GroupSubFieldDto[];

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(QUERY_LIMITS.stageFields)
  @ValidateNested({ each: true })
  @Type(() => FilterDto)
  conditions?: FilterDto[];
}

/** A group stage. */
export class GroupDto {
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(QUERY_LIMITS.stageFields)
  @ValidateNested({ each: true })
  @Type(() => GroupKeyDto)
  keys?: GroupKeyDto[];

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(QUERY_LIMITS.stageFields)
  @ValidateNested({ each: true })
  @Type(() => GroupFieldDto)
  fields?: GroupFieldDto[];
}

/** A projection stage. */
export class ProjectDto {
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(QUERY_LIMITS.stageFields)
  @ValidateNested({ each: true })
  @Type(() => ProjectFieldDto)
  fields?: ProjectFieldDto[];

  @IsOptional() @IsBoolean() exclude_keys?: boolean;
}
