import type { ClientOptions } from '@grpc/grpc-js';

/** How the agent keeps its connection; all in milliseconds. */
export interface LinkTimings {
  /** Waits between two attempts to connect double from the one to the other. */
  readonly reconnectMinMs: number;
  readonly reconnectMaxMs: number;
  /** Wait after an answer that repeating alone does not change. */
  readonly refusedRetryMs: number;
  /** A server that has not welcomed the agent by then is given up. */
  readonly welcomeTimeoutMs: number;
  /** A connection is asked for a sign of life this often, */
  readonly keepaliveMs: number;
  /** and given up when none comes within this time: the peer may be gone without a word. */
  readonly keepaliveTimeoutMs: number;
  /** How long the server may take to close the stream that the agent has ended. */
  readonly endTimeoutMs: number;
}

export const LINK_DEFAULTS: LinkTimings = {
  reconnectMinMs: 100,
  reconnectMaxMs: 3_000,
  refusedRetryMs: 30_000,
  welcomeTimeoutMs: 10_000,
  keepaliveMs: 3_000,
  keepaliveTimeoutMs: 3_000,
  endTimeoutMs: 2_000,
};

const MESSAGE_LIMIT_BYTES = 64 * 1024 * 1024;

export function channelOptions(server: string, timings: LinkTimings): ClientOptions {
  return {
    // A server on this machine is not behind the proxy that the environment may name.
    'grpc.enable_http_proxy': /^(unix:|127\.|\[::1\]|localhost:)/.test(server) ? 0 : 1,
    'grpc.keepalive_time_ms': timings.keepaliveMs,
    'grpc.keepalive_timeout_ms': timings.keepaliveTimeoutMs,
    // A snapshot of many thousands of assignments is one message.
    'grpc.max_receive_message_length': MESSAGE_LIMIT_BYTES,
    'grpc.max_send_message_length': MESSAGE_LIMIT_BYTES,
    // Each attempt begins afresh: the pauses between them are the link's own.
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_retries': 0,
    'grpc.service_config_disable_resolution': 1,
  };
}
