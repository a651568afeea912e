import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsDefined,
  IsInt,
  IsNotEmpty,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { QUERY_LIMITS } from '../limits.js';
import { FilterDto, UnwindDto } from './filter.dto.js';
import { GroupDto, ProjectDto } from './group.dto.js';
import { PageDto, SortDto } from './query.dto.js';

const INT32 = 2 ** 31 - 1;

/** A stage that counts the rows. */
export class CountDto {
  @IsDefined() @IsString() @IsNotEmpty() @MaxLength(QUERY_LIMITS.nameLength) name!: string;
}

/** One stage: exactly one of these. */
export class StatisticsAggregateDto {
  @IsOptional() @ValidateNested() @Type(() => UnwindDto) unwind?: UnwindDto;
  @IsOptional() @ValidateNested() @Type(() => GroupDto) group?: GroupDto;
  @IsOptional() @ValidateNested() @Type(() => CountDto) count?: CountDto;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(QUERY_LIMITS.sorts)
  @ValidateNested({ each: true })
  @Type(() => SortDto)
  sort?: SortDto[];

  @IsOptional() @ValidateNested() @Type(() => ProjectDto) project?: ProjectDto;
  @IsOptional() @IsInt() @Min(1) @Max(INT32) limit?: number;
  @IsOptional() @IsInt() @Min(0) @Max(INT32) skip?: number;
}

/** The shape of a statistics query; what it asks for is checked when it is compiled. */
export class StatisticsQueryDto {
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(QUERY_LIMITS.filters)
  @ValidateNested({ each: true })
  @Type(() => FilterDto)
  filter?: FilterDto[];

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(QUERY_LIMITS.filters)
  @ValidateNested({ each: true })
  @Type(() => FilterDto)
  filter_or?: FilterDto[];

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(QUERY_LIMITS.stages)
  @ValidateNested({ each: true })
  @Type(() => StatisticsAggregateDto)
  aggregate?: StatisticsAggregateDto[];

  @IsOptional() @ValidateNested() @Type(() => PageDto) page?: PageDto;
  @IsOptional() @IsString() @MaxLength(QUERY_LIMITS.nameLength) distinct?: string;
  @IsOptional() @IsString() @MaxLength(QUERY_LIMITS.searchLength) keyword?: string;
}
