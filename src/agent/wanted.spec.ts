import { describe, expect, it } from 'vitest';
import { isComplete, newerOf, UNASSIGNED, wantedOf } from './wanted.js';

const assigned = (assigned_at: number, generation: number, after_incarnation = 0) => ({
  ...{ assigned_at, generation, after_incarnation },
});

describe('an assignment that arrives', () => {
  it('holds where none is known', () => {
    expect(newerOf(UNASSIGNED, assigned(5, 1, 2), 9)).toEqual(assigned(5, 1, 2));
    expect(newerOf(UNASSIGNED, UNASSIGNED, 9)).toEqual(UNASSIGNED);
  });

  it('holds where the one known is of an older generation, or the same', () => {
    expect(newerOf(assigned(5, 2, 1), assigned(5, 3, 4), 9)).toEqual(assigned(5, 3, 4));
    expect(newerOf(assigned(5, 2, 1), assigned(5, 2, 1), 9)).toEqual(assigned(5, 2, 1));
  });

  it('takes back nothing of what was to be replaced', () => {
    expect(newerOf(assigned(5, 2, 7), assigned(5, 3, 4), 9)).toEqual(assigned(5, 3, 7));
  });

  it('has all replaced that ran for one that was removed meanwhile', () => {
    expect(newerOf(assigned(5, 2, 1), assigned(6, 1, 0), 9)).toEqual(assigned(6, 1, 9));
  });

  it('is ignored where it is older than the one known', () => {
    expect(newerOf(assigned(5, 2), assigned(5, 1), 9)).toBeUndefined();
    expect(newerOf(assigned(5, 2), assigned(4, 3), 9)).toBeUndefined();
  });
});

describe('what a message says of an assignment', () => {
  it('is taken as it is, and what is missing as nothing', () => {
    const message = {
      ...{ plugin_id: 'p', version: '1', resource_type: 'r', domain_id: 'd' },
      ...assigned(5, 2, 1),
      process: { command: ['node'], working_directory: '.', env: {} },
      container: undefined,
    };
    expect(wantedOf(message)).toEqual(message);
    expect(wantedOf({ plugin_id: 'p', version: '1' })).toEqual({
      ...{ plugin_id: 'p', version: '1', resource_type: '', domain_id: '' },
      ...UNASSIGNED,
    });
  });

  it.each([{}, { plugin_id: 'p' }, { version: '1' }, { plugin_id: '', version: '1' }, { plugin_id: 'p', version: '' }])(
    'is nothing without a plugin and a version: %o',
    (message) => expect(wantedOf(message)).toBeUndefined(),
  );

  it('is complete once it says how the plugin is started', () => {
    const wanted = wantedOf({ plugin_id: 'p', version: '1' });
    if (wanted === undefined) throw new Error('It names a plugin and a version.');
    expect(isComplete(wanted)).toBe(false);
    expect(isComplete({ ...wanted, process: { command: ['node'], working_directory: '.', env: {} } })).toBe(true);
    expect(isComplete({ ...wanted, container: { image: 'i', env: {} } })).toBe(true);
  });
});
