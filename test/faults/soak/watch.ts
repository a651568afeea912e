import { connect } from 'node:net';
import { transports } from '../../support/caller.js';
import type { ServerProcess } from '../../support/server-process.js';

/** Where a plugin answers, and to which domain its supervisor belongs. */
export interface Origin {
  readonly pluginId: string;
  /** Undefined where it serves every domain. */
  readonly domainId: string | undefined;
  /** Since when what it says reaches callers, in milliseconds of `performance.now()`. */
  reachesSince(): number;
}

export interface SoakContext {
  /** The servers that run now; one that is being restarted is not among them. */
  readonly servers: () => readonly ServerProcess[];
  /**
   * @param again looks who is there now: a port may have been another plugin's before
   * @returns undefined where nobody knows
   */
  readonly originOf: (endpoint: string, again?: boolean) => Origin | undefined;
}

/** How long the end of a plugin may go unnoticed, in milliseconds. */
const NOTICED_WITHIN = 2_000;
/** Agents try again to connect within this time after what was between them and the server is whole, in milliseconds. */
const RECONNECTED_WITHIN = 8_000;

/** Callers that never tire, and what they were told. */
export class Watch {
  answers = 0;
  refusals = 0;
  /** Answers that named a dead instance, for less than the time that is allowed. */
  dead = 0;
  /** The longest that a dead one was handed out while the roads were whole, in milliseconds. */
  longestDead = 0;
  readonly wrong = new Set<string>();
  private readonly diedAt = new Map<string, number>();
  private readonly callers: Promise<void>[] = [];
  private stopped = false;

  constructor(
    private readonly context: SoakContext,
    private readonly wishes: readonly { plugin_id: string; version: string; domain_id: string }[],
  ) {}

  start(callers: number): void {
    for (let caller = 0; caller < callers; caller++) this.callers.push(this.run(caller));
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.callers);
  }

  private async run(caller: number): Promise<void> {
    for (let turn = caller; !this.stopped; turn++) {
      const servers = this.context.servers();
      const server = servers[turn % servers.length];
      const wish = this.wishes[(turn * 7) % this.wishes.length];
      if (server !== undefined && wish !== undefined) await this.call(server, wish, turn);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  private async call(server: ServerProcess, wish: { plugin_id: string; domain_id: string }, turn: number) {
    const asked = performance.now();
    const transport = transports[turn % 2] ?? 'grpc';
    const answer = await server.call
      .send(transport, 'get_plugin_endpoint', wish, {}, Date.now() + 20_000)
      .catch(() => undefined);
    const endpoint = answer?.body?.['endpoint'];
    if (typeof endpoint !== 'string') {
      this.refusals++;
      if (/INTERNAL|UNKNOWN|500/.test(String(answer?.status))) this.wrong.add(`${answer?.status} ${answer?.message}`);
      return;
    }
    this.answers++;
    const origin = this.context.originOf(endpoint);
    if (await isListening(endpoint)) {
      this.diedAt.delete(endpoint);
      const wrong = wrongWith(origin, wish) && wrongWith(this.context.originOf(endpoint, true), wish);
      if (wrong !== undefined) this.wrong.add(`${endpoint} ${wrong}`);
      return;
    }
    this.dead++;
    const died = this.diedAt.get(endpoint) ?? performance.now();
    this.diedAt.set(endpoint, died);
    // What happens while something is broken on the way cannot be told before it is whole again.
    const known = Math.max(died, (origin?.reachesSince() ?? Infinity) + RECONNECTED_WITHIN);
    this.longestDead = Math.max(this.longestDead, asked - known);
    if (asked - known > NOTICED_WITHIN)
      this.wrong.add(`${endpoint} was told ${Math.round(asked - known)} ms after its end`);
  }
}

/** Why this is not where the caller should be sent. */
function wrongWith(origin: Origin | undefined, wish: { plugin_id: string; domain_id: string }): string | undefined {
  if (origin === undefined) return undefined;
  if (origin.pluginId !== wish.plugin_id) return `is ${origin.pluginId}`;
  const foreign = origin.domainId !== undefined && origin.domainId !== wish.domain_id;
  return foreign ? `of ${origin.domainId} was told to ${wish.domain_id}` : undefined;
}

function isListening(endpoint: string): Promise<boolean> {
  const { hostname, port } = new URL(endpoint.replace('grpc:', 'http:'));
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    const tell = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => tell(true));
    socket.once('error', () => tell(false));
  });
}
