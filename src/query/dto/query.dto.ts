import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsDefined,
  IsInt,
  IsNotEmpty,
  IsObject,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { QUERY_LIMITS } from '../limits.js';
import { FilterDto, UnwindDto } from './filter.dto.js';

const UINT32 = 2 ** 32 - 1;

/** One key to sort by. */
export class SortDto {
  @IsDefined() @IsString() @IsNotEmpty() @MaxLength(QUERY_LIMITS.nameLength) key!: string;
  @IsOptional() @IsBoolean() desc?: boolean;
}

/** A window of the rows; start counts from 1. */
export class PageDto {
  @IsOptional() @IsInt() @Min(0) @Max(UINT32) start?: number;
  @IsOptional() @IsInt() @Min(0) @Max(QUERY_LIMITS.rows) limit?: number;
}

/** The shape of a list query; what it asks for is checked when it is compiled. */
export class QueryDto {
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
  @ArrayMaxSize(QUERY_LIMITS.sorts)
  @ValidateNested({ each: true })
  @Type(() => SortDto)
  sort?: SortDto[];

  @IsOptional() @ValidateNested() @Type(() => PageDto) page?: PageDto;
  @IsOptional() @IsBoolean() minimal?: boolean;
  @IsOptional() @IsBoolean() count_only?: boolean;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(QUERY_LIMITS.only)
  @IsString({ each: true })
  @MaxLength(QUERY_LIMITS.nameLength, { each: true })
  only?: string[];

  @IsOptional() @IsString() @MaxLength(QUERY_LIMITS.searchLength) keyword?: string;
  @IsOptional() @ValidateNested() @Type(() => UnwindDto) unwind?: UnwindDto;
  /** Not supported: anything in it is refused. */
  @IsOptional() @IsArray() lookup?: unknown[];
  /** Not supported: anything in it is refused. */
  @IsOptional() @IsObject() add_fields?: Record<string, unknown>;
}
