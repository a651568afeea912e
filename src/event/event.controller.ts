import { Headers, type MessageEvent, Sse } from '@nestjs/common';
import { endWith, ignoreElements, map, merge, type Observable, share, takeUntil, timer } from 'rxjs';
import { ApiController, ApiMethod } from '../common/call/api.decorators.js';
import { Message } from '../common/call/message.decorator.js';
import type { Events } from '../generated/berth/api/v1/event.js';
import { EventQueryDto, EventStreamDto } from './dto/event-query.dto.js';
import type { EventMatch } from './event.js';
import { toEventInfo } from './event.mapper.js';
import { EventService } from './event.service.js';

/** How many events an answer holds unless the caller says, as protobuf's 0 does not. */
const LIMIT = 100;

/** A stream that tells nothing says so, that nothing on the way takes it for dead; in milliseconds. */
const SIGN_OF_LIFE = 15_000;

@ApiController('berth/v1/event', 'member')
export class EventController {
  constructor(private readonly events: EventService) {}

  @ApiMethod('Event', 'list')
  async list(@Message() request: EventQueryDto): Promise<Events> {
    const { domain_id: domainId, before, limit } = request;
    const events = await this.events.list(domainId, toMatch(request), limit || LIMIT, before || undefined);
    return { results: events.map(toEventInfo) };
  }

  /**
   * Server-sent events: the id is the event's, the data an EventInfo as JSON. A reader that comes back with the id of the
   * last one that it has seen is told first what it has missed.
   */
  @Sse('stream')
  stream(@Message() request: EventStreamDto, @Headers('last-event-id') seen?: string): Observable<MessageEvent> {
    const events = this.events.stream(request.domain_id, toMatch(request), seen).pipe(share());
    const ended = events.pipe(ignoreElements(), endWith(true));
    return merge(
      events.pipe(map((event) => ({ id: event.id, data: toEventInfo(event) }))),
      timer(0, SIGN_OF_LIFE).pipe(
        map(() => ({ comment: 'nothing new' })),
        takeUntil(ended),
      ),
    );
  }
}

function toMatch({ supervisor_id, plugin_id, version }: EventStreamDto): EventMatch {
  return {
    supervisorId: supervisor_id || undefined,
    pluginId: plugin_id || undefined,
    version: version || undefined,
  };
}
