import { Type } from 'class-transformer';
import {
  ArrayMinSize,
  IsArray,
  IsDefined,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  ValidateNested,
} from 'class-validator';
import semver from 'semver';
import { invalidParameter } from '../common/errors/errors.js';
import { compileValidator } from '../common/validation/compile-validator.js';
import { OptionalName, RequiredName } from '../common/validation/decorators.js';
import type { CatalogPlugin, CatalogVersion } from './catalog.js';

class FileProcess {
  @IsDefined() @IsArray() @ArrayMinSize(1) @IsString({ each: true }) command!: string[];
  @IsOptional() @IsString() working_directory?: string;
  @IsOptional() @IsObject() env?: Record<string, unknown>;
}

class FileContainer {
  @RequiredName() image!: string;
  @IsOptional() @IsObject() env?: Record<string, unknown>;
}

class FileVersion {
  @RequiredName() version!: string;
  @IsOptional() @ValidateNested() @Type(() => FileProcess) process?: FileProcess;
  @IsOptional() @ValidateNested() @Type(() => FileContainer) container?: FileContainer;
}

class FilePlugin {
  @RequiredName() plugin_id!: string;
  @OptionalName() name?: string;
  @IsDefined() @IsString() @Matches(/^[a-z_]+\.[A-Za-z_]+$/) resource_type!: string;
  @IsDefined() @IsArray() @ValidateNested({ each: true }) @Type(() => FileVersion) versions!: FileVersion[];
}

class FileContent {
  @IsDefined() @IsArray() @ValidateNested({ each: true }) @Type(() => FilePlugin) plugins!: FilePlugin[];
}

const validate = compileValidator(FileContent);

const envOf = (env: Record<string, unknown> | undefined) =>
  Object.fromEntries(Object.entries(env ?? {}).map(([name, value]) => [name, String(value)]));

function versionOf({ version, process, container }: FileVersion): CatalogVersion {
  return {
    version,
    ...(process && {
      process: {
        command: process.command,
        workingDirectory: process.working_directory ?? '.',
        env: envOf(process.env),
      },
    }),
    ...(container && { container: { image: container.image, env: envOf(container.env) } }),
  };
}

/** Newest first; versions that are not semantic come last. */
function newestFirst(a: FileVersion, b: FileVersion): number {
  const [left, right] = [semver.parse(a.version, { loose: true }), semver.parse(b.version, { loose: true })];
  if (left === null || right === null) return Number(left === null) - Number(right === null);
  return semver.rcompare(left, right);
}

/**
 * Checks what a catalog file holds and returns its plugins.
 *
 * @throws BerthError naming the key at fault
 */
export function readCatalog(content: unknown): CatalogPlugin[] {
  const seen = new Set<string>();
  return validate(content).plugins.map((plugin, index) => {
    if (seen.has(plugin.plugin_id)) {
      throw invalidParameter(`plugins[${index}].plugin_id`, 'is there twice', plugin.plugin_id);
    }
    seen.add(plugin.plugin_id);
    const versions = plugin.versions.map(({ version }) => version);
    const twice = versions.find((version, at) => versions.indexOf(version) !== at);
    if (twice !== undefined) throw invalidParameter(`plugins[${index}].versions`, 'has a version twice', twice);
    return {
      pluginId: plugin.plugin_id,
      name: plugin.name ?? plugin.plugin_id,
      resourceType: plugin.resource_type,
      versions: [...plugin.versions].sort(newestFirst).map(versionOf),
    };
  });
}
