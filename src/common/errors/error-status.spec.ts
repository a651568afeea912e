import { status } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { statusOfCode } from './error-status.js';

const codesOf = (wanted: status) =>
  Object.entries(statusOfCode).flatMap(([code, status]) => (status === wanted ? [code] : []));

it('has few codes that callers try again', () => {
  expect(codesOf(status.UNAVAILABLE)).toEqual([
    'ERROR_PLUGIN_FAILURE',
    'ERROR_REPOSITORY_BACKEND',
    'ERROR_UNAVAILAVBLE',
  ]);
});

it("has one code that Cloudforet's client repeats, and tells nothing of: that of the caller's own deadline", () => {
  expect(codesOf(status.DEADLINE_EXCEEDED)).toEqual(['ERROR_REQUEST_TIMEOUT']);
});
