import 'reflect-metadata';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsDefined,
  IsNotEmpty,
  IsOptional,
  IsString,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import { QUERY_LIMITS } from '../limits.js';

/** One condition: a field, an operator, a value. Each part has a short alias. */
export class FilterDto {
  @IsOptional() @IsString() @MaxLength(QUERY_LIMITS.nameLength) key?: string;
  @IsOptional() @IsString() @MaxLength(QUERY_LIMITS.nameLength) k?: string;
  /** Any JSON value: what it may be depends on the operator and the field. */
  @IsOptional() value?: unknown;
  @IsOptional() v?: unknown;
  @IsOptional() @IsString() @MaxLength(QUERY_LIMITS.nameLength) operator?: string;
  @IsOptional() @IsString() @MaxLength(QUERY_LIMITS.nameLength) o?: string;
}

/** One row for each element of a list, of those that pass the filter. */
export class UnwindDto {
  @IsDefined() @IsString() @IsNotEmpty() @MaxLength(QUERY_LIMITS.nameLength) path!: string;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(QUERY_LIMITS.filters)
  @ValidateNested({ each: true })
  @Type(() => FilterDto)
  filter?: FilterDto[];
}
