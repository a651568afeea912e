import { createRequire } from 'node:module';
import * as driver from 'mongodb';
import { expect, it } from 'vitest';
import { databaseError } from '../../src/common/errors/database-errors.js';

type ErrorClass = new (...args: never[]) => Error;

// Those of its connection pool are thrown, and not exported.
const pool = createRequire(import.meta.url)('mongodb/lib/cmap/errors.js') as Record<string, ErrorClass>;

/** Whatever the driver may throw because the database is away, as it names it. */
const away = [
  ...Object.values(pool),
  driver.MongoNetworkError,
  driver.MongoNetworkTimeoutError,
  driver.MongoServerSelectionError,
  driver.MongoNotConnectedError,
  driver.MongoTopologyClosedError,
  driver.MongoServerClosedError,
  driver.MongoClientClosedError,
  driver.MongoStalePrimaryError,
] as ErrorClass[];

it.each(away.map(({ name }, at) => [name, at] as const))('%s is the fault of the database', (_, at) => {
  const thrown = Object.create(away[at]?.prototype as object) as Error;
  expect(databaseError(thrown)).toMatchObject({ code: 'ERROR_UNAVAILAVBLE' });
});

it('takes nothing else for the fault of the database', () => {
  expect(databaseError(new driver.MongoParseError('x'))).toBeUndefined();
  expect(databaseError(new TypeError('x'))).toBeUndefined();
});
