import 'reflect-metadata';
import { Type } from 'class-transformer';
import { IsArray, IsOptional, ValidateNested } from 'class-validator';
import { describe, expect, it } from 'vitest';
import { compileValidator } from './compile-validator.js';
import { OptionalEnum, OptionalInt32, OptionalName, OptionalStruct, RequiredName } from './decorators.js';

enum Mode {
  MANUAL = 'MANUAL',
  AUTO = 'AUTO',
  UNRECOGNIZED = 'UNRECOGNIZED',
}

class SampleItem {
  @RequiredName() plugin_id!: string;
}

class Sample {
  @RequiredName() name!: string;
  @OptionalName() version?: string;
  @OptionalEnum(Mode) mode?: Mode;
  @OptionalStruct() labels?: Record<string, unknown>;
  @OptionalInt32() priority?: number;
  @IsOptional() @IsArray() @ValidateNested({ each: true }) @Type(() => SampleItem) items?: SampleItem[];
}

const validate = compileValidator(Sample);

describe('what is accepted', () => {
  it.each<[string, object, object]>([
    ['the least', { name: 'a' }, { name: 'a' }],
    ['an empty string is absent', { name: 'a', version: '' }, { name: 'a', version: undefined }],
    ['null is absent', { name: 'a', labels: null }, { name: 'a', labels: undefined }],
    ['an enum by name', { name: 'a', mode: 'AUTO' }, { name: 'a', mode: 'AUTO' }],
    ['an enum by number', { name: 'a', mode: 1 }, { name: 'a', mode: 'AUTO' }],
    ['nested items', { name: 'a', items: [{ plugin_id: 'p' }] }, { name: 'a', items: [{ plugin_id: 'p' }] }],
    ['labels of any shape', { name: 'a', labels: { $where: 1 } }, { name: 'a', labels: { $where: 1 } }],
  ])('%s', (_, given, read) => expect(validate(given)).toEqual(read));
});

describe('what is refused', () => {
  it.each<[string, unknown, string, string]>([
    ['no name', {}, 'ERROR_REQUIRED_PARAMETER', '(key = name)'],
    ['an empty name', { name: '' }, 'ERROR_REQUIRED_PARAMETER', '(key = name)'],
    ['a number for a name', { name: 5 }, 'ERROR_INVALID_PARAMETER_TYPE', '(key = name, type = string)'],
    ['a list for labels', { name: 'a', labels: [] }, 'ERROR_INVALID_PARAMETER_TYPE', '(key = labels, type = object)'],
    [
      'an unknown enum name',
      { name: 'a', mode: 'SOON' },
      'ERROR_INVALID_PARAMETER',
      'mode, reason = must be one of MANUAL, AUTO, value = SOON',
    ],
    ['an unknown enum number', { name: 'a', mode: 7 }, 'ERROR_INVALID_PARAMETER', 'mode'],
    ['an unrecognized enum', { name: 'a', mode: 'UNRECOGNIZED' }, 'ERROR_INVALID_PARAMETER', 'mode'],
    ['an object for an enum', { name: 'a', mode: {} }, 'ERROR_INVALID_PARAMETER_TYPE', 'mode'],
    ['an overlong name', { name: 'a'.repeat(256) }, 'ERROR_INVALID_PARAMETER', 'name'],
    ['an unknown field', { name: 'a', nope: 1 }, 'ERROR_INVALID_PARAMETER', '(key = nope, reason = unknown field)'],
    ['a fraction', { name: 'a', priority: 1.5 }, 'ERROR_INVALID_PARAMETER_TYPE', '(key = priority, type = integer)'],
    ['too large a number', { name: 'a', priority: 2 ** 31 }, 'ERROR_INVALID_PARAMETER', 'priority'],
    ['a bad nested item', { name: 'a', items: [{}] }, 'ERROR_REQUIRED_PARAMETER', '(key = items[0].plugin_id)'],
    ['a list', [], 'ERROR_INVALID_PARAMETER_TYPE', '(key = request, type = object)'],
    ['a string', 'x', 'ERROR_INVALID_PARAMETER_TYPE', '(key = request, type = object)'],
  ])('%s', (_, given, code, text) => {
    expect(() => validate(given)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(text) }));
  });
});
