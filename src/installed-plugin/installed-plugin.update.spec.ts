import { describe, expect, it } from 'vitest';
import { TRANSITION_REASON_LENGTH } from '../database/transitions.js';
import { applyUpdate } from '../../test/support/apply-update.js';
import { change, firstTransitions, literal, made, moved, REASON_LENGTH } from './installed-plugin.update.js';

const NOW = 1_000_000;
const instance = { _id: 'i', state: 'ACTIVE', state_reason: '', generation: 2, revision: 5, transitions: [] };

const move = (fields: Parameters<typeof moved>[1], document: Record<string, unknown> = instance) =>
  applyUpdate(moved('supervisor', fields), document, NOW);

it('moves the revision and the time of change with each change', () => {
  expect(applyUpdate(change({ idle_since: '$$NOW', selector: literal('$a') }), instance, NOW)).toEqual({
    ...instance,
    ...{ idle_since: new Date(NOW), selector: '$a', revision: 6, updated_at: new Date(NOW) },
  });
});

describe('what is made where there is none', () => {
  const update = () => made({ state: 'PROVISIONING', odd: '$state' }, { transitions: firstTransitions });

  it('begins above all revisions that it had before, in microseconds of the time', () => {
    expect(applyUpdate(update(), { _id: 'i' }, NOW)).toEqual({
      _id: 'i',
      state: 'PROVISIONING',
      odd: '$state',
      revision: NOW * 1_000,
      created_at: new Date(NOW),
      updated_at: new Date(NOW),
      transitions: [
        {
          ...{ at: new Date(NOW), revision: NOW * 1_000, from: '', to: 'PROVISIONING', reason: '' },
          ...{ generation: 1, by: 'caller' },
        },
      ],
    });
  });

  it('stays as it is where it is there', () => {
    const known = applyUpdate(update(), { _id: 'i' }, NOW);
    expect(applyUpdate(update(), { ...known, state: 'ACTIVE' }, NOW + 1)).toEqual({ ...known, state: 'ACTIVE' });
  });
});

describe('what moves', () => {
  const told = { at: new Date(NOW), from: 'ACTIVE', to: 'ERROR', generation: 2, revision: 6, by: 'supervisor' };

  it('writes down the change of its state with it', () => {
    expect(move({ state: 'ERROR', state_reason: '$why', endpoints: [] })).toEqual({
      ...instance,
      ...{ state: 'ERROR', state_reason: '$why', endpoints: [], revision: 6, updated_at: new Date(NOW) },
      transitions: [{ ...told, reason: '$why' }],
    });
  });

  it.each([
    ['another state', { state: 'ERROR', state_reason: '' }, 1],
    ['another generation', { state: '$state', state_reason: '', generation: { $add: ['$generation', 1] } }, 1],
    ['another reason', { state: '$state', state_reason: 'news' }, 1],
    ['nothing but other fields', { state: '$state', state_reason: '', endpoints: [] }, 0],
  ])('tells of %s', (_, fields, count) => {
    expect(move(fields)['transitions']).toHaveLength(count);
  });

  it('tells the generation that it has from then on', () => {
    const { transitions, generation } = move({ state: 'RE_PROVISIONING', state_reason: '', generation: 3 });
    expect({ transitions, generation }).toMatchObject({ generation: 3, transitions: [{ generation: 3 }] });
  });

  it('keeps as much of a long reason as there is room for, and less of it in its history', () => {
    const { state_reason, transitions } = move({ state: 'ERROR', state_reason: 'x'.repeat(10_000) });
    expect(state_reason).toHaveLength(REASON_LENGTH);
    expect((transitions as { reason: string }[])[0]?.reason).toHaveLength(TRANSITION_REASON_LENGTH);
  });
});
