import { expect, it } from 'vitest';
import { CUT } from '../common/text/clip.js';
import { pluginFailure } from '../common/errors/errors.js';
import { reasonOf } from './reason.js';

it('says why, and what was printed, where there is room for both', () => {
  expect(reasonOf({ reason: 'exited with code 1', outputTail: '' })).toBe('exited with code 1');
  expect(reasonOf({ reason: 'exited with code 1', outputTail: 'boom' })).toBe('exited with code 1; it printed: boom');
});

it.each(['plain\n', '설정 파일을 읽을 수 없습니다\n', 'لا يمكن', '💥'])(
  'keeps the end of a long output: %j',
  (line) => {
    const output = `${line.repeat(20_000)}the cause`;
    const reason = reasonOf({ reason: 'exited with code 1', outputTail: output });
    expect(reason).toMatch(/^exited with code 1; it printed: /);
    const [, end = ''] = reason.split(CUT);
    expect(output.endsWith(end)).toBe(true);
    expect(end.length).toBeGreaterThan(100);
    // Nothing of it is lost on its way to a caller.
    const told = pluginFailure('plugin-a', '1.0.0', `${reason}; the next try is at 2026-01-01T00:00:00.000Z`);
    expect(told.message).toContain(`it printed: ${CUT}${end}; the next try is at 2026-01-01T00:00:00.000Z`);
  },
);

it('keeps both ends of a long reason, and leaves room for the output', () => {
  const reason = reasonOf({ reason: `cannot ${'이미지'.repeat(9_999)} at all`, outputTail: `${'x'.repeat(9_999)}!` });
  expect(reason).toMatch(/^cannot .*\[…\].* at all; it printed: \[…\]x{1000,}!$/);
});
