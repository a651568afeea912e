import type { LinkSecret } from '../../auth/link-access.js';
import type { ServerAddresses } from '../start-server.js';

/** What a worker has to know besides the settings, which it reads itself. */
export interface WorkerStart {
  readonly databaseUri: string;
  /** Of the agent beside the workers, where there is one. */
  readonly agent?: LinkSecret | undefined;
  /** Path of the Unix socket that agents of this machine connect to, where TLS is for others. */
  readonly localSocket?: string | undefined;
}

/** What a worker is told. */
export type Order =
  | { readonly order: 'start'; readonly start: WorkerStart }
  | { readonly order: 'announce' }
  | { readonly order: 'drain' }
  | { readonly order: 'close' };

/** What a worker tells. */
export type News =
  /** What was told before it listened to its pool would be lost. */
  | { readonly news: 'attentive' }
  | { readonly news: 'listening'; readonly addresses: ServerAddresses }
  | { readonly news: 'failed'; readonly reason: string }
  | { readonly news: 'drained' };
