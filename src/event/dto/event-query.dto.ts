import { IsInt, IsOptional, Max, MaxLength, Min } from 'class-validator';
import { OptionalName, RequiredName } from '../../common/validation/decorators.js';

/** Longest id of an event, in UTF-16 code units: a time, the three names of an instance, and a number. */
const MAX_EVENT_ID_LENGTH = 1_000;

/** What events a stream tells of. */
export class EventStreamDto {
  @OptionalName() supervisor_id?: string;
  @OptionalName() plugin_id?: string;
  @OptionalName() version?: string;
  @RequiredName() domain_id!: string;
}

/** berth.api.v1.EventQuery */
export class EventQueryDto extends EventStreamDto {
  @IsOptional() @MaxLength(MAX_EVENT_ID_LENGTH) before?: string;
  @IsOptional() @IsInt() @Min(0) @Max(1_000) limit?: number;
}
