import { ApiController, ApiMethod } from '../common/call/api.decorators.js';
import { Message } from '../common/call/message.decorator.js';
import type { Explanation } from '../generated/berth/api/v1/lookup.js';
import { ExplainRequestDto } from './dto/explain-request.dto.js';
import { ExplanationService } from './explanation.service.js';
import { toEndpointRequest } from './plugin.mapper.js';

/** What Berth tells of itself beyond the API that it shares with others. */
@ApiController('berth/v1/lookup', 'member')
export class LookupController {
  constructor(private readonly explanations: ExplanationService) {}

  @ApiMethod('Lookup', 'explain')
  explain(@Message() request: ExplainRequestDto): Promise<Explanation> {
    return this.explanations.explain(toEndpointRequest(request, request.domain_id));
  }
}
