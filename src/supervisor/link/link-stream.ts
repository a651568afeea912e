import type { ServerDuplexStream } from '@grpc/grpc-js';
import { BerthError } from '../../common/errors/berth-error.js';
import type { UnreadableRequest } from '../../common/grpc/unreadable-request.js';
import type { AgentMessage, ServerMessage } from '../../generated/berth/link/v1/link.js';

export type LinkStream = ServerDuplexStream<AgentMessage | UnreadableRequest, ServerMessage>;

/** Ends the stream; the agent is told why. */
export function refuse(stream: LinkStream, error: BerthError): void {
  stream.emit('error', { code: error.status, details: `${error.code}: ${error.message}` });
}

/** What an agent is told of an error that nobody foresaw. */
export const unforeseen = () => new BerthError('ERROR_UNKNOWN', 'Something went wrong here; the log has it.');
