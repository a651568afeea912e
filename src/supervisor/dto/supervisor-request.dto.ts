import { RequiredName } from '../../common/validation/decorators.js';

/** spaceone.api.plugin.v1.SupervisorRequest */
export class SupervisorRequestDto {
  @RequiredName() supervisor_id!: string;
  @RequiredName() domain_id!: string;
}
