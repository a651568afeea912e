import { describe, expect, it } from 'vitest';
import type { Supervisor } from './supervisor.js';
import { chooseSupervisor, refusal } from './supervisor-choice.js';

const supervisor = (id: string, changes: Partial<Supervisor> = {}): Supervisor => ({
  id,
  domainId: 'domain-a',
  name: id,
  hostname: id,
  state: 'ENABLED',
  lost: false,
  isPublic: false,
  priority: 0,
  labels: {},
  tags: {},
  capacity: 0,
  epoch: 1,
  createdAt: new Date(0),
  updatedAt: new Date(0),
  revision: 1,
  ...changes,
});

const demand = (selector: Record<string, string> = {}, pluginId = 'plugin-a') => ({
  domainId: 'domain-a',
  pluginId,
  version: '1.0.0',
  selector,
});

const choose = (supervisors: Supervisor[], selector?: Record<string, string>, running: string[] = []) =>
  chooseSupervisor(supervisors, demand(selector), new Set(running))?.id;

describe('who can be chosen', () => {
  it.each<[string, Partial<Supervisor>, Record<string, string>, boolean]>([
    ['its own domain', {}, {}, true],
    ['a public one of another domain', { domainId: 'domain-b', isPublic: true }, {}, true],
    ['a private one of another domain', { domainId: 'domain-b' }, {}, false],
    ['a disabled one', { state: 'DISABLED' }, {}, false],
    ['a pending one', { state: 'PENDING' }, {}, false],
    ['a disconnected one', { state: 'DISCONNECTED' }, {}, false],
    ['labels that match by key and value', { labels: { zone: 'a', gpu: true } }, { zone: 'a', gpu: 'true' }, true],
    ['a label of another value', { labels: { zone: 'b' } }, { zone: 'a' }, false],
    ['a missing label', { labels: { zone: 'a' } }, { zone: 'a', gpu: 'true' }, false],
    ['a label that every object has', {}, { constructor: 'x' }, false],
  ])('%s', (_, changes, selector, possible) => {
    expect(refusal(supervisor('s', changes), demand(selector)) === undefined).toBe(possible);
  });
});

describe('who is chosen', () => {
  it('takes the highest priority', () => {
    expect(choose([supervisor('s1', { priority: 1 }), supervisor('s2', { priority: 5 }), supervisor('s3')])).toBe('s2');
  });

  it('prefers, among equals, one that runs the plugin already', () => {
    const equals = ['s1', 's2', 's3', 's4'].map((id) => supervisor(id));
    for (const id of ['s1', 's2', 's3', 's4']) expect(choose(equals, {}, [id])).toBe(id);
  });

  it('puts priority before what runs already', () => {
    expect(choose([supervisor('s1'), supervisor('s2', { priority: 1 })], {}, ['s1'])).toBe('s2');
  });

  it('spreads different plugins, and each stays where it was when others come and go', () => {
    const supervisors = ['s1', 's2', 's3', 's4'].map((id) => supervisor(id));
    const plugins = Array.from({ length: 400 }, (_, n) => `plugin-${n}`);
    const placed = plugins.map((id) => chooseSupervisor(supervisors, demand({}, id), new Set())?.id);
    for (const { id } of supervisors) expect(placed.filter((at) => at === id).length).toBeGreaterThan(60);
    const without = supervisors.filter(({ id }) => id !== 's2');
    plugins.forEach((id, n) => {
      if (placed[n] !== 's2') expect(chooseSupervisor(without, demand({}, id), new Set())?.id).toBe(placed[n]);
    });
  });

  it('has nobody where nobody can', () => {
    expect(choose([supervisor('s1', { state: 'DISABLED' })])).toBeUndefined();
  });
});
