import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsDefined,
  IsIn,
  IsInt,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { MEMORY_SIZE } from '../common/memory-size.js';
import { OptionalName, OptionalStruct, RequiredName } from '../common/validation/decorators.js';
import type { PluginState, RegistryType } from './catalog.js';

class FileProcess {
  @IsDefined() @IsArray() @ArrayMinSize(1) @IsString({ each: true }) command!: string[];
  @IsOptional() @IsString() working_directory?: string;
  @IsOptional() @IsObject() env?: Record<string, unknown>;
}

class FileLimits {
  /** Bytes, or with a unit: `512Mi`. */
  @IsOptional() @Matches(MEMORY_SIZE) memory?: string;
  @IsOptional() @IsNumber() @Min(0.01) @Max(1_000) cpus?: number;
  /** Processes and threads. */
  @IsOptional() @IsInt() @Min(1) @Max(1_000_000) pids?: number;
}

export class FileContainer {
  /** Where it is not given, the plugin's own. */
  @OptionalName() image?: string;
  @IsOptional() @IsObject() env?: Record<string, unknown>;
  @IsOptional() @Matches(/^sha256:[0-9a-f]{64}$/) digest?: string;
  @IsOptional() @ValidateNested() @Type(() => FileLimits) limits?: FileLimits;
}

export class FileVersion {
  @RequiredName() version!: string;
  @IsOptional() @ValidateNested() @Type(() => FileProcess) process?: FileProcess;
  @IsOptional() @ValidateNested() @Type(() => FileContainer) container?: FileContainer;
}

const REGISTRY_TYPES: RegistryType[] = ['DOCKER_HUB', 'AWS_PRIVATE_ECR', 'HARBOR', 'GITHUB', 'GCP_PRIVATE_GCR'];

/** A moment in UTC, or with its distance from it. */
const MOMENT = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/;

export class FilePlugin {
  @RequiredName() plugin_id!: string;
  @OptionalName() name?: string;
  @IsOptional() @IsIn(['ENABLED', 'DISABLED'] satisfies PluginState[]) state?: PluginState;
  @IsDefined() @IsString() @Matches(/^[a-z_]+\.[A-Za-z_]+$/) resource_type!: string;
  /** Its instances are removed when nobody asks for them in this time, in milliseconds; 0 keeps them. */
  @IsOptional() @IsInt() @Min(0) @Max(31_536_000_000) idle_ttl?: number;
  @OptionalName() image?: string;
  @OptionalName() provider?: string;
  @IsOptional() @IsIn(REGISTRY_TYPES) registry_type?: RegistryType;
  @IsOptional() @IsString() @MaxLength(1_000) registry_url?: string;
  @OptionalStruct() registry_config?: Record<string, unknown>;
  @OptionalStruct() capability?: Record<string, unknown>;
  @IsOptional() @IsArray() @ArrayMaxSize(1_000) labels?: unknown[];
  @OptionalStruct() tags?: Record<string, unknown>;
  @OptionalStruct() docs?: Record<string, unknown>;
  @IsOptional() @Matches(MOMENT) created_at?: string;
  @IsOptional() @Matches(MOMENT) updated_at?: string;
  /** Where there are none, the tags of the image are its versions. */
  @IsOptional() @IsArray() @ValidateNested({ each: true }) @Type(() => FileVersion) versions?: FileVersion[];
  /** How the tags of the image are run. */
  @IsOptional() @ValidateNested() @Type(() => FileContainer) container?: FileContainer;
}

/** What a catalog file holds. */
export class FileContent {
  @IsDefined() @IsArray() @ValidateNested({ each: true }) @Type(() => FilePlugin) plugins!: FilePlugin[];
}
