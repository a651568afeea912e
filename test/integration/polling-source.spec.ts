import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Change } from '../../src/change-feed/change.js';
import { PollingSource } from '../../src/change-feed/polling-source.js';
import { startDatabase, type SharedDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';

let database: SharedDatabase;

beforeAll(async () => {
  database = await startDatabase();
});
afterAll(() => database.close());

it('tells what is new, changed or gone in a database without change streams, and nothing else', async () => {
  const [one, other] = ['supervisors', 'installed_plugins'].map((name) =>
    database.db.collection<{ _id: string; revision: number }>(name),
  );
  await one?.insertMany(['kept', 'changed', 'gone'].map((_id) => ({ _id, revision: 1 })));
  const source = new PollingSource(database.db);
  const changes: [string, Change][] = [];
  await source.open(['supervisors', 'installed_plugins'], (...change) => void changes.push(change));
  try {
    await one?.updateOne({ _id: 'changed' }, { $set: { revision: 2 } });
    await one?.deleteOne({ _id: 'gone' });
    await other?.insertOne({ _id: 'new', revision: 1 });
    await eventually(() => expect(changes.map(([, { id }]) => id).sort()).toEqual(['changed', 'gone', 'new']));
    expect(changes).toContainEqual([
      'supervisors',
      { id: 'changed', document: expect.objectContaining({ revision: 2 }) },
    ]);
    expect(changes).toContainEqual(['supervisors', { id: 'gone', document: undefined }]);
    expect(changes).toContainEqual([
      'installed_plugins',
      { id: 'new', document: expect.objectContaining({ revision: 1 }) },
    ]);
  } finally {
    await source.close();
  }
});
