import { once } from 'node:events';
import mongoose, { Schema } from 'mongoose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start, type Running } from './kit.js';

const schema = new Schema(
  {
    _id: { type: String, required: true },
    plugin_id: { type: String, required: true },
    version: { type: String, required: true },
    state: { type: String, enum: ['PROVISIONING', 'ACTIVE'], default: 'PROVISIONING' },
    generation: { type: Number, default: 1 },
    endpoints: { type: [String], default: [] },
    labels: { type: Schema.Types.Mixed, default: {} },
    lease_expires_at: Date,
  },
  { timestamps: true, versionKey: false },
);
schema.index({ plugin_id: 1, version: 1 }, { unique: true });
schema.index({ state: 1, lease_expires_at: 1 });

describe('the embedded database through mongoose', () => {
  let running: Running;
  let connection: mongoose.Connection;

  beforeAll(async () => {
    running = await start();
    connection = await mongoose.createConnection(running.server.uri, { dbName: 'berth' }).asPromise();
  });

  afterAll(async () => {
    await connection.close();
    await running.stop();
  });

  it('creates, finds, updates conditionally, aggregates and watches', async () => {
    const Plugin = connection.model('Plugin', schema);
    await Plugin.init();
    const stream = connection
      .collection('plugins')
      .watch([{ $match: { operationType: { $in: ['insert', 'update', 'delete'] } } }], {
        fullDocument: 'updateLookup',
      });
    const events: { operationType: string; documentKey?: unknown; fullDocument?: { state?: string } }[] = [];
    stream.on('change', (event) => events.push(event as (typeof events)[number]));
    await once(stream, 'resumeTokenChanged');

    await Plugin.create({ _id: 'p-1', plugin_id: 'aws', version: '1.0' });
    await expect(Plugin.create({ _id: 'p-2', plugin_id: 'aws', version: '1.0' })).rejects.toMatchObject({
      code: 11000,
      keyPattern: { plugin_id: 1, version: 1 },
      keyValue: { plugin_id: 'aws', version: '1.0' },
    });
    const claimed = await Plugin.findOneAndUpdate(
      { _id: 'p-1', generation: 1 },
      [
        {
          $set: {
            generation: { $add: ['$generation', 1] },
            lease_expires_at: { $add: ['$$NOW', 3_600_000] },
            state: { $cond: [{ $eq: ['$state', 'PROVISIONING'] }, 'ACTIVE', '$state'] },
          },
        },
        { $unset: ['labels'] },
      ],
      { returnDocument: 'after', updatePipeline: true },
    );
    expect(claimed).toMatchObject({ generation: 2, state: 'ACTIVE' });
    expect(claimed?.lease_expires_at?.getTime()).toBeGreaterThan(Date.now() + 3_000_000);
    expect(await Plugin.countDocuments({ $expr: { $gt: ['$lease_expires_at', '$$NOW'] } })).toBe(1);
    const again = await Plugin.updateOne(
      { _id: 'p-9' },
      { $setOnInsert: { plugin_id: 'gcp', version: '2' } },
      { upsert: true },
    );
    expect(again.upsertedCount).toBe(1);
    const groups = await Plugin.aggregate([{ $group: { _id: '$state', n: { $sum: 1 } } }, { $sort: { _id: 1 } }]);
    expect(groups).toEqual([
      { _id: 'ACTIVE', n: 1 },
      { _id: 'PROVISIONING', n: 1 },
    ]);
    await Plugin.deleteOne({ _id: 'p-1' });
    await expect.poll(() => events.length).toBe(4);
    expect(events.map((event) => event.operationType)).toEqual(['insert', 'update', 'insert', 'delete']);
    expect(events[3]?.documentKey).toEqual({ _id: 'p-1' });
    await stream.close();
  });
});
