import { IsBoolean, IsOptional } from 'class-validator';
import { OptionalInt32, OptionalName, OptionalStruct, RequiredName } from '../../common/validation/decorators.js';

/** spaceone.api.plugin.v1.RegisterSupervisorRequest */
export class RegisterSupervisorDto {
  @RequiredName() supervisor_id!: string;
  @OptionalName() name?: string;
  @IsOptional() @IsBoolean() is_public?: boolean;
  @OptionalInt32() priority?: number;
  @OptionalStruct() labels?: Record<string, unknown>;
  @OptionalStruct() tags?: Record<string, unknown>;
  @RequiredName() domain_id!: string;
}
