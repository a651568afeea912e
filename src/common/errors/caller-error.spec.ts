import { status } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { CUT } from '../text/clip.js';
import { BerthError } from './berth-error.js';
import { DETAILS_BYTES } from './caller-error.js';
import { invalidParameter, installTimeout } from './errors.js';

it.each(['a b', '한국어 ', 'עברית ', '💥', '\ud83d'])('keeps both ends of a message that is too long: %j', (said) => {
  const { code, message } = new BerthError(
    'ERROR_PLUGIN_FAILURE',
    `Plugin does not run. ${said.repeat(20_000)} At last.`,
  );
  expect(encodeURI(`${code}: ${message}`).length).toBeLessThanOrEqual(DETAILS_BYTES);
  expect(message).toMatch(/^Plugin does not run\. /);
  expect(message).toContain(CUT);
  expect(message).toMatch(/ At last\.$/);
});

it('cuts no character of a value in two', () => {
  const { message } = invalidParameter('name', 'is too long', `${'x'.repeat(199)}💥${'x'.repeat(99)}`);
  expect(message).toContain(`value = ${'x'.repeat(199)}…)`);
});

it('waits no longer than the caller, whose client would only repeat what is DEADLINE_EXCEEDED', () => {
  const timeout = installTimeout('plugin-a', '1.0.0', `PROVISIONING: ${'x'.repeat(500)} why`);
  expect(timeout).toMatchObject({ status: status.ABORTED, httpStatus: 504 });
  expect(timeout.message).toMatch(/ why\)$/);
});
