import { EventEmitter } from 'node:events';
import { status } from '@grpc/grpc-js';
import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { notFound } from '../../common/errors/errors.js';
import {
  type AgentMessage,
  InstanceReport_Phase as Phase,
  type ServerMessage,
} from '../../generated/berth/link/v1/link.js';
import { installed } from '../../installed-plugin/installed-plugin.fixture.js';
import type { InstalledPlugin } from '../../installed-plugin/installed-plugin.js';
import type { LeaseRenewal } from '../supervisor.js';
import { supervisor } from '../supervisor.fixture.js';
import { LinkSession, type SessionDependencies } from './link-session.js';
import type { LinkStream } from './link-stream.js';

const LEASE = 9_000;
const HELLO: AgentMessage = { hello: { domain_id: 'domain-a', hostname: 'h', name: 'n', driver: 'process' } };

let stream: EventEmitter & { write(message: ServerMessage): void; end(): void };
let session: LinkSession;
/** What the agent was told, and how the stream ended. */
let sent: ServerMessage[];
let refused: { code: status; details: string } | undefined;
let ended: boolean;
/** What was done for the agent, in order. */
let done: string[];
let renewal: LeaseRenewal;
let plugins: InstalledPlugin[];
/** Runs while the snapshot is put together. */
let beforeSnapshot: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  Logger.overrideLogger(false);
  [sent, refused, ended, done, renewal, plugins] = [[], undefined, false, [], 'renewed', []];
  beforeSnapshot = () => undefined;
  open();
});
afterEach(() => vi.useRealTimers());

function open(caller: Partial<SessionDependencies['caller']> = {}): void {
  stream = Object.assign(new EventEmitter(), {
    write: (message: ServerMessage) => void sent.push(message),
    end: () => void (ended = true),
  });
  const connections = {
    open: async () => (done.push('opened'), supervisor('s1', { epoch: 4 })),
    renew: async (id: string, epoch: number) => (done.push(`renewed ${id} ${epoch}`), renewal),
    release: async (id: string, epoch: number) => void done.push(`released ${id} ${epoch}`),
    broke: async (id: string, epoch: number) => void done.push(`broke ${id} ${epoch}`),
  };
  const reports = {
    takeStock: async (_: unknown, all: readonly unknown[]) => void done.push(`took stock of ${all.length}`),
    applyReport: async ({ supervisorId, epoch }: { supervisorId: string; epoch: number }) =>
      void done.push(`report of ${supervisorId} ${epoch}`),
  };
  const rows = {
    findBySupervisor: async () => {
      const found = [...plugins];
      beforeSnapshot();
      return found;
    },
    find: async (id: string) => plugins.find((plugin) => plugin.id === id),
  };
  session = new LinkSession(
    stream as unknown as LinkStream,
    {
      caller: { expiresAt: Infinity, mayServe: () => true, ...caller },
      connections,
      reports,
      installed: rows,
      catalog: { launch: async () => ({ resourceType: 'monitoring.Webhook' }) },
      heartbeatInterval: LEASE / 3,
      lease: LEASE,
      onReady: (id: string) => void done.push(`ready ${id}`),
      onClosed: (_: LinkSession, id: string | undefined) => void done.push(`closed ${id}`),
    } as unknown as SessionDependencies,
  );
  stream.on('error', (error: typeof refused) => (refused ??= error));
}

async function say(...messages: AgentMessage[]): Promise<void> {
  for (const message of messages) stream.emit('data', message);
  await vi.advanceTimersByTimeAsync(0);
}

const assignments = () => sent.flatMap(({ assignments }) => assignments ?? []);

describe('a connection', () => {
  it('counts from its hello on: older ones do not any more, and what it runs is taken stock of before it is told', async () => {
    plugins = [installed()];
    await say({ hello: { ...HELLO.hello, instances: [report()] } });
    expect(done).toEqual(['opened', 'ready s1', 'took stock of 1']);
    expect(sent[0]?.welcome).toEqual({
      supervisor_id: 's1',
      epoch: 4,
      heartbeat_interval_ms: LEASE / 3,
      lease_ms: LEASE,
    });
    expect(assignments()).toMatchObject([{ snapshot: true, assigned: [{ plugin_id: 'plugin-a', generation: 1 }] }]);
  });

  it.each<[string, AgentMessage, string]>([
    ['does not begin with a hello', { heartbeat: {} }, 'the first message must be hello'],
    ['names no domain', { hello: { hostname: 'h', name: 'n' } }, 'hello.domain_id'],
  ])('is refused that %s', async (_, message, reason) => {
    await say(message);
    expect(refused).toMatchObject({ code: status.INVALID_ARGUMENT, details: expect.stringContaining(reason) });
    expect(done).toEqual(['closed undefined']);
  });

  it('is refused that says nothing', async () => {
    await vi.advanceTimersByTimeAsync(9_999);
    expect(refused).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    expect(refused).toMatchObject({ code: status.INVALID_ARGUMENT });
  });

  it('is refused to who does not act for its domain', async () => {
    open({ mayServe: (domainId) => domainId === 'domain-b' });
    await say(HELLO);
    expect(refused?.code).toBe(status.PERMISSION_DENIED);
    expect(done).toEqual(['closed undefined']);
  });

  it('ends when the token of the agent has expired', async () => {
    vi.setSystemTime(0);
    await say(HELLO);
    open({ expiresAt: 60_000 });
    await say(HELLO);
    await vi.advanceTimersByTimeAsync(59_999);
    expect(refused).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    expect(refused).toMatchObject({ code: status.UNAVAILABLE, details: expect.stringContaining('expired') });
  });
});

const report = () => ({
  ...{ plugin_id: 'plugin-a', version: '1.0.0', generation: 1, incarnation: 1, phase: Phase.READY },
  endpoints: ['grpc://127.0.0.1:1'],
});

describe('a connection that counts', () => {
  beforeEach(async () => {
    plugins = [installed()];
    await say(HELLO);
    [sent, done] = [[], []];
  });

  it('renews its lease with each heartbeat, and has its reports written down as its own', async () => {
    await say({ heartbeat: {} }, { report: report() });
    expect(done).toEqual(['renewed s1 4', 'report of s1 4']);
    expect(refused).toBeUndefined();
  });

  it.each([
    ['over', status.UNAVAILABLE],
    ['replaced', status.FAILED_PRECONDITION],
  ] as const)('ends at a heartbeat when its lease is %s', async (what, code) => {
    renewal = what;
    await say({ heartbeat: {} }, { report: report() });
    expect(refused?.code).toBe(code);
    expect(done).toEqual(['renewed s1 4', 'closed s1']);
  });

  it.each([
    ['was removed', undefined, status.UNAVAILABLE],
    ['has a newer connection', supervisor('s1', { epoch: 5 }), status.FAILED_PRECONDITION],
    ['was lost', supervisor('s1', { epoch: 5, lost: true }), status.UNAVAILABLE],
  ])('ends at once when its supervisor %s', async (_, changed, code) => {
    session.fence(changed);
    await say({ report: report() });
    expect(refused?.code).toBe(code);
    expect(done).toEqual(['closed s1']);
  });

  it('goes on when its supervisor has changed otherwise', async () => {
    session.fence(supervisor('s1', { epoch: 4, priority: 9 }));
    expect(refused).toBeUndefined();
  });

  it('is let go when the agent says goodbye, and waited for when it breaks', async () => {
    stream.emit('end');
    await say();
    expect([done, ended]).toEqual([['released s1 4', 'closed s1'], true]);
    done = [];
    stream.emit('cancelled');
    expect(done).toEqual([]);
    open();
    await say(HELLO);
    done = [];
    stream.emit('cancelled');
    stream.emit('error', new Error('reset'));
    expect(done).toEqual(['broke s1 4', 'closed s1']);
  });

  it('tells of what is wanted, once for each generation, and of what is not wanted any more', async () => {
    const plugin = installed({ generation: 2 });
    session.assign(plugin.id, plugin);
    session.assign(plugin.id, { ...plugin, state: 'RE_PROVISIONING' });
    session.assign(plugin.id, undefined);
    session.assign(plugin.id, plugin);
    await say();
    expect(assignments()).toMatchObject([
      { snapshot: false, assigned: [{ plugin_id: 'plugin-a', generation: 2 }], removed: [] },
      { snapshot: false, assigned: [], removed: [{ plugin_id: 'plugin-a', version: '1.0.0' }] },
      { snapshot: false, assigned: [{ generation: 2 }], removed: [] },
    ]);
  });

  it('refuses what is neither heartbeat nor report, and what cannot be read', async () => {
    await say({ report: { ...report(), phase: Phase.UNSPECIFIED } });
    expect(refused).toMatchObject({ code: status.INVALID_ARGUMENT, details: expect.stringContaining('report.phase') });
    open();
    refused = undefined;
    await say(HELLO, {});
    expect(refused).toMatchObject({ details: expect.stringContaining('neither heartbeat nor report') });
  });

  it('is told what is wrong here without details, where nobody foresaw it', async () => {
    open();
    beforeSnapshot = () => {
      throw new Error('mongodb://admin:secret@database');
    };
    await say(HELLO);
    expect(refused).toMatchObject({ code: status.INTERNAL, details: expect.not.stringContaining('secret') });
    open();
    refused = undefined;
    beforeSnapshot = () => {
      throw notFound('supervisor', 's1');
    };
    await say(HELLO);
    expect(refused).toMatchObject({ code: status.NOT_FOUND });
  });
});

it('tells after the snapshot what has changed while that was put together', async () => {
  plugins = [installed()];
  beforeSnapshot = () => {
    plugins = [installed({ generation: 2 })];
    session.assign(installed().id, plugins[0]);
  };
  await say(HELLO);
  expect(assignments()).toMatchObject([
    { snapshot: true, assigned: [{ generation: 1 }] },
    { snapshot: false, assigned: [{ generation: 2 }] },
  ]);
});
