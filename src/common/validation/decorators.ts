import { applyDecorators } from '@nestjs/common';
import {
  IsDefined,
  IsEnum,
  IsInt,
  IsNotEmpty,
  IsObject,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
} from 'class-validator';

/** Longest id, name or version that is accepted, in UTF-16 code units. */
export const MAX_NAME_LENGTH = 255;

/** An id, name or version that has to be there. */
export function RequiredName(): PropertyDecorator {
  return applyDecorators(IsDefined(), IsString(), IsNotEmpty(), MaxLength(MAX_NAME_LENGTH));
}

/** An id, name or version that may be absent. */
export function OptionalName(): PropertyDecorator {
  return applyDecorators(IsOptional(), IsString(), MaxLength(MAX_NAME_LENGTH));
}

/** A google.protobuf.Struct: any JSON object. */
export function OptionalStruct(): PropertyDecorator {
  return applyDecorators(IsOptional(), IsObject());
}

/** A protobuf enum by name; its numbers are accepted too. */
export function OptionalEnum(values: Record<string, string>): PropertyDecorator {
  return applyDecorators(IsOptional(), IsEnum(values));
}

/** A protobuf int32. */
export function OptionalInt32(): PropertyDecorator {
  return applyDecorators(IsOptional(), IsInt(), Min(-(2 ** 31)), Max(2 ** 31 - 1));
}
