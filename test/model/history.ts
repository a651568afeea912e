import { status } from '@grpc/grpc-js';
import type { Client } from '@grpc/grpc-js';
import fc from 'fast-check';
import type { Answer, Caller } from '../support/caller.js';
import { eventually } from '../support/eventually.js';
import { Instance } from './instances.js';
import { ScriptedAgent } from './scripted-agent.js';

export const PLUGINS = ['plugin-one', 'plugin-two'];
export const VERSION = '1.0.0';

/** One thing that happens: to which agent, plugin and server, out of two each. */
export interface Step {
  readonly what:
    'call' | 'ask' | 'report' | 'crash' | 'leave' | 'cut' | 'die' | 'return' | 'speak from the past' | 'wait';
  readonly agent: number;
  readonly plugin: number;
  readonly server: number;
}

const either = fc.integer({ min: 0, max: 1 });

/** What may happen, in any order. */
export const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    what: fc.constantFrom<Step['what'][]>(
      ...(['call', 'call', 'call', 'ask', 'report', 'report', 'crash', 'leave', 'cut', 'die'] as const),
      ...(['return', 'return', 'return', 'speak from the past', 'wait'] as const),
    ),
    agent: either,
    plugin: either,
    server: either,
  }),
  { minLength: 3, maxLength: 20 },
);

/** An API server, as callers and as agents see it. */
export interface Server {
  readonly call: Caller;
  readonly link: Client;
}

/**
 * A dead instance may be handed out for this long, in milliseconds: where its agent went with it, a lease of 30 s has to run
 * out, on a machine that does a lot besides.
 */
const LOST_WITHIN = 90_000;

interface Call {
  readonly plugin: string;
  readonly asked: number;
  readonly answer: Promise<Answer>;
}

/** A domain with two agents and two plugins, to which things happen, and what must be true of it afterwards. */
export class History {
  private readonly agents: readonly ScriptedAgent[];
  private readonly calls: Call[] = [];
  private readonly lies = new Set<string>();
  /** The last endpoint that callers were told, by plugin. */
  private readonly told = new Map<string, string>();
  /** Endpoints whose failure was reported, and the report acknowledged. */
  private readonly reported = new Set<string>();

  constructor(
    private readonly domainId: string,
    private readonly servers: readonly Server[],
  ) {
    this.agents = ['host-a', 'host-b'].map((hostname) => new ScriptedAgent({ domainId, hostname }));
  }

  /** @throws Error that says what is not as it must be */
  async live(sequence: readonly Step[]): Promise<void> {
    await this.gather();
    for (const step of sequence) await this.happen(step);
    await this.gather();
    for (const call of this.calls) this.judge(call, await call.answer);
    for (const plugin of new Set(this.calls.map((call) => call.plugin))) await this.settled(plugin);
    for (const agent of this.agents) agent.leave();
  }

  /** Who is not connected does so, as agents do. */
  private async gather(): Promise<void> {
    for (const agent of this.agents) {
      await eventually(() => (agent.connected ? undefined : agent.connect(this.at(1).link)), 120_000);
    }
  }

  private at(server: number): Server {
    return this.servers[server] as Server;
  }

  private async happen({ what, agent: index, plugin, server: at }: Step): Promise<void> {
    const agent = this.agents[index] as ScriptedAgent;
    const server = this.at(at);
    const pluginId = PLUGINS[plugin] as string;
    switch (what) {
      case 'call':
        return this.call(at, pluginId, 1_000);
      case 'ask':
        return this.call(at, pluginId, 10);
      case 'report':
        return this.report(at, agent, pluginId);
      case 'crash':
        return agent.crash(pluginId);
      case 'leave':
        return agent.leave();
      case 'cut':
        return agent.cut();
      case 'die':
        return agent.die();
      case 'return':
        return agent.connected ? undefined : eventually(() => agent.connect(server.link), 120_000);
      case 'speak from the past':
        if (agent.connected) await this.lie(agent, server);
        return;
      case 'wait':
        return new Promise((resolve) => setTimeout(resolve, 30));
    }
  }

  /** A server that is too busy to let the agent connect anew has made nothing past yet. */
  private async lie(agent: ScriptedAgent, server: Server): Promise<void> {
    try {
      this.lies.add(await agent.speakFromThePast(server.link));
    } catch (error) {
      if ((error as { code?: unknown }).code !== status.UNAVAILABLE) throw error;
    }
  }

  /** The story goes on when it is answered, or after the time. */
  private async call(at: number, plugin: string, time: number): Promise<void> {
    const asked = performance.now();
    const answer = this.ask(at, plugin);
    this.calls.push({ plugin, asked, answer });
    const answered = answer.then(({ body }) => {
      if (body) this.told.set(plugin, String(body['endpoint']));
    });
    await Promise.race([answered, new Promise((resolve) => setTimeout(resolve, time))]);
  }

  /** A caller says that what it was told does not work; one that was told nothing names any supervisor. */
  private async report(at: number, any: ScriptedAgent, plugin: string): Promise<void> {
    const failed = this.told.get(plugin);
    const agent = this.agents.find(({ hostname }) => failed && hostname === Instance.at(failed)?.hostname);
    const answer = await this.at(at).call.send('grpc', 'notify_failure', {
      supervisor_id: (agent ?? any).supervisorId,
      plugin_id: plugin,
      version: VERSION,
      domain_id: this.domainId,
    });
    if (answer.status === 'OK' && failed) this.reported.add(failed);
    // What was not taken has not been promised.
    const expected = ['OK', 'NOT_FOUND', 'FAILED_PRECONDITION', 'INVALID_ARGUMENT', 'UNAVAILABLE'];
    if (!expected.includes(String(answer.status))) throw new Error(`A report was answered ${answer.status}.`);
  }

  private ask(at: number, plugin: string): Promise<Answer> {
    const request = { plugin_id: plugin, version: VERSION, domain_id: this.domainId };
    return this.at(at).call.send('grpc', 'get_plugin_endpoint', request, {}, Date.now() + 5_000);
  }

  /** An answer names an instance of the plugin, of this domain, that may have been thought alive. */
  private judge({ plugin, asked }: Call, { body, status, message }: Answer): void {
    if (body === undefined) {
      if (['UNAVAILABLE', 'ABORTED', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'FAILED_PRECONDITION'].includes(String(status)))
        return;
      throw new Error(`A call was answered ${status} ${message}.`);
    }
    const endpoint = String(body['endpoint']);
    if (this.lies.has(endpoint)) throw new Error(`What an old connection said was handed out: ${endpoint}.`);
    const instance = Instance.at(endpoint);
    if (instance === undefined) throw new Error(`Nobody ever said ${endpoint}.`);
    if (instance.domainId !== this.domainId || instance.pluginId !== plugin)
      throw new Error(`${endpoint} is ${instance.pluginId} of ${instance.domainId}.`);
    const dead = asked - instance.ended;
    if (dead > LOST_WITHIN) throw new Error(`${endpoint} was handed out ${dead.toFixed(0)} ms after it died.`);
  }

  /** When all agents are there, both servers name the same instance; it lives, and is the only one. */
  private async settled(plugin: string): Promise<void> {
    await eventually(async () => {
      await this.gather();
      const answers = await Promise.all([0, 1].map((at) => this.ask(at, plugin)));
      const [one, other] = answers.map(({ body, status, message }) => {
        if (body === undefined) throw new Error(`In the end a call was answered ${status} ${message}.`);
        return String(body['endpoint']);
      });
      if (one === undefined || one !== other) throw new Error(`The servers name ${one} and ${other}.`);
      const instance = Instance.at(one);
      if (instance === undefined || instance.ended < Infinity) throw new Error(`In the end ${one} is dead.`);
      if (this.reported.has(one)) throw new Error(`${one} serves although its failure was reported.`);
      const copies = this.agents.flatMap(({ running }) => running.filter(({ pluginId }) => pluginId === plugin));
      if (copies.length !== 1) throw new Error(`${plugin} runs ${copies.length} times.`);
    }, 120_000);
  }
}
