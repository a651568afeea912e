import { Type } from 'class-transformer';
import { IsDefined, ValidateNested } from 'class-validator';
import { RequiredName } from '../../common/validation/decorators.js';
import { StatisticsQueryDto } from '../../query/dto/statistics-query.dto.js';

/** spaceone.api.plugin.v1.SupervisorStatQuery */
export class SupervisorStatQueryDto {
  @IsDefined() @ValidateNested() @Type(() => StatisticsQueryDto) query!: StatisticsQueryDto;
  @RequiredName() domain_id!: string;
}
