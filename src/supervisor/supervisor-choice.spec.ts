import { describe, expect, it } from 'vitest';
import type { Supervisor } from './supervisor.js';
import { supervisor } from './supervisor.fixture.js';
import { chooseSupervisor, type Occupancy, refusal } from './supervisor-choice.js';

const demand = (selector: Record<string, string> = {}, pluginId = 'plugin-a') => ({
  domainId: 'domain-a',
  pluginId,
  version: '1.0.0',
  selector,
});

const choice = (
  supervisors: Supervisor[],
  selector?: Record<string, string>,
  occupancy: Record<string, Occupancy> = {},
  pluginId?: string,
) => chooseSupervisor(supervisors, demand(selector, pluginId), (id) => occupancy[id] ?? {});

const choose = (...args: Parameters<typeof choice>) => choice(...args).taken?.id;

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

describe('a supervisor that runs a plugin of the same name', () => {
  const [one, other] = [supervisor('s1'), supervisor('s2')];
  it.each<[string, string, string, string]>([
    ['the same for all', '', '', 's1'],
    ['the same for the domain', 'domain-a', 'domain-a', 's1'],
    ["all's where the domain has its own", '', 'domain-a', 's2'],
    ["another domain's", 'domain-b', '', 's2'],
    ["another domain's where the domain has its own", 'domain-b', 'domain-a', 's2'],
  ])('%s', (_, runs, wanted, taken) => {
    const occupancy = (id: string): Occupancy => (id === 's1' ? { state: 'ACTIVE', privateTo: runs } : {});
    const { taken: found, considered } = chooseSupervisor([one, other], { ...demand(), privateTo: wanted }, occupancy);
    expect(found?.id).toBe(taken);
    if (taken === 's2') expect(considered.at(-1)?.refused).toContain('plugin of the same name');
  });
});

describe('who is chosen', () => {
  it('takes the highest priority', () => {
    expect(choose([supervisor('s1', { priority: 1 }), supervisor('s2', { priority: 5 }), supervisor('s3')])).toBe('s2');
  });

  it('prefers, among equals, one that runs the plugin already, and takes one that failed to run it last', () => {
    const ids = ['s1', 's2', 's3', 's4'];
    const equals = ids.map((id) => supervisor(id));
    for (const id of ids) {
      expect(choose(equals, {}, { [id]: { state: 'PROVISIONING' } })).toBe(id);
      const failed = Object.fromEntries(
        ids.filter((other) => other !== id).map((other) => [other, { state: 'ERROR' }]),
      );
      expect(choose(equals, {}, failed as Record<string, Occupancy>)).toBe(id);
    }
  });

  it('puts priority before what runs already', () => {
    const supervisors = [supervisor('s1'), supervisor('s2', { priority: 1 })];
    expect(choose(supervisors, {}, { s1: { state: 'ACTIVE' } })).toBe('s2');
  });

  it('takes one that is silent only where there is no other', () => {
    const silent = supervisor('s1', { priority: 5, silent: true });
    expect(choose([silent, supervisor('s2')])).toBe('s2');
    expect(choose([silent])).toBe('s1');
  });

  it('takes a full one only for what it runs already', () => {
    const full = supervisor('s1', { capacity: 2 });
    expect(choose([full], {}, { s1: { instances: 2 } })).toBeUndefined();
    expect(choose([full], {}, { s1: { instances: 2, state: 'ACTIVE' } })).toBe('s1');
    expect(choose([full], {}, { s1: { instances: 1 } })).toBe('s1');
  });

  const plugins = Array.from({ length: 1_000 }, (_, n) => `plugin-${n}`);
  const placed = (supervisors: Supervisor[], occupancy: Record<string, Occupancy> = {}) =>
    plugins.map((id) => choose(supervisors, {}, occupancy, id));

  it('spreads different plugins, and each stays where it was when others come and go', () => {
    const supervisors = ['s1', 's2', 's3', 's4'].map((id) => supervisor(id));
    const before = placed(supervisors);
    for (const { id } of supervisors) expect(before.filter((at) => at === id).length).toBeGreaterThan(190);
    const without = placed(supervisors.filter(({ id }) => id !== 's2'));
    without.forEach((id, n) => before[n] !== 's2' && expect(id).toBe(before[n]));
  });

  it('spreads by the room that is left', () => {
    const supervisors = [700, 100, 100].map((capacity, at) => supervisor(`s${at}`, { capacity }));
    const at = placed(supervisors, { s0: { instances: 100 } });
    const share = (wanted: string) => at.filter((id) => id === wanted).length / plugins.length;
    expect(share('s0')).toBeGreaterThan(0.73);
    expect(share('s0')).toBeLessThan(0.77);
    expect(Math.abs(share('s1') - share('s2'))).toBeLessThan(0.03);
  });

  it('gives one without a limit as many as the widest of the others', () => {
    const supervisors = [supervisor('s1'), supervisor('s2', { capacity: 300 }), supervisor('s3', { capacity: 300 })];
    const share = placed(supervisors).filter((id) => id === 's1').length / plugins.length;
    expect(share).toBeGreaterThan(0.28);
    expect(share).toBeLessThan(0.39);
  });

  it('has nobody where nobody can', () => {
    expect(choose([supervisor('s1', { state: 'DISABLED' })])).toBeUndefined();
  });
});

describe('what is told of those that were considered', () => {
  it('is why each was not taken', () => {
    const { taken, considered } = choice(
      [
        supervisor('low'),
        supervisor('failing', { priority: 5 }),
        supervisor('taken', { priority: 5 }),
        supervisor('silent', { priority: 9, silent: true }),
        supervisor('full', { priority: 9, capacity: 1 }),
        supervisor('disabled', { state: 'DISABLED' }),
        supervisor('elsewhere', { domainId: 'domain-b' }),
      ],
      {},
      { failing: { state: 'ERROR' }, full: { instances: 1 } },
    );
    expect(taken?.id).toBe('taken');
    expect(considered.map(({ supervisor: { id }, refused }) => [id, refused])).toEqual([
      ['taken', undefined],
      ['failing', 'has failed to run the plugin'],
      ['low', 'has priority 0, and another one 5'],
      ['silent', 'has not been heard from for a while'],
      ['full', 'has no room: 1 of 1 are taken'],
      ['disabled', 'is DISABLED'],
      ['elsewhere', 'belongs to another domain'],
    ]);
  });

  it('is which label a supervisor lacks', () => {
    const { considered } = choice([supervisor('s', { labels: { zone: 'b' } })], { zone: 'a' });
    expect(considered).toMatchObject([{ refused: 'lacks the label zone=a' }]);
  });

  it('is that another one runs the plugin, or comes first in its order', () => {
    const ids = ['s1', 's2', 's3'];
    const { considered } = choice(
      ids.map((id) => supervisor(id)),
      {},
      { s2: { state: 'ACTIVE' }, s3: { state: 'ACTIVE' } },
    );
    expect(considered.map(({ refused }) => refused)).toEqual([
      undefined,
      'comes later in the order of this plugin',
      'does not run the plugin, and another one does',
    ]);
  });
});
