import { expect, it } from 'vitest';
import { fromCall, fromEnvironment } from './settings.js';

it('reads wishes from the environment, and nothing else of it', () => {
  const env = {
    PATH: '/bin',
    MISBEHAVE_START_DELAY_MS: '50',
    MISBEHAVE_NEVER_HEALTHY: 'true',
    MISBEHAVE_STARTS_FILE: 'f',
  };
  expect(fromEnvironment(env)).toEqual({ start_delay_ms: 50, never_healthy: true, starts_file: 'f' });
});

it.each<[string, string]>([
  ['MISBEHAVE_HANG', '1'],
  ['MISBEHAVE_HANG_AFTER_MS', 'soon'],
  ['MISBEHAVE_HANG_AFTER_MS', ''],
  ['MISBEHAVE_HANG_AFTER_MS', '-1'],
  ['MISBEHAVE_NEVER_HEALTHY', 'yes'],
  ['MISBEHAVE_STARTS_FILE', ''],
])('refuses %s=%s', (name, value) => {
  expect(() => fromEnvironment({ [name]: value })).toThrow(name.slice('MISBEHAVE_'.length).toLowerCase());
});

it('takes from a call only what can still be done', () => {
  expect(fromCall({ hang_after_ms: 0 })).toEqual({ hang_after_ms: 0 });
  expect(() => fromCall({ crash_at_start: 1 })).toThrow('crash_at_start');
});
