/**
 * One of two client processes: in each round does its share of every kind of race and prints what it was told, as one
 * line of JSON. Arguments: the URI, and the name of this client. A line of the input: the number of a round, or "go".
 */
import { createInterface } from 'node:readline';
import { MongoClient } from 'mongodb';

const [uri, name] = process.argv.slice(2);
const client = await new MongoClient(uri, { maxPoolSize: 8 }).connect();
const db = client.db('race');
const input = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function race(round) {
  const [unique, counters, jobs, events] = ['unique', 'counters', 'jobs', 'events'].map((one) =>
    db.collection(`${one}-${round}`),
  );
  const watched = [];
  const stream = events.watch([], { maxAwaitTimeMS: 50 });
  await stream.tryNext();
  process.stdout.write('ready\n');
  await input.next();

  const won = [];
  const claims = [];
  let counted = 0;
  const worker = async (w) => {
    for (let i = w; i < 40; i += 4) {
      await unique.insertOne({ key: i, by: name }).then(
        () => won.push(i),
        (error) => {
          if (error.code !== 11000) throw error;
        },
      );
      await counters.updateOne({ _id: 'n' }, { $inc: { n: 1 } }, { upsert: true });
      counted++;
      const claimed = await jobs.findOneAndUpdate(
        { state: 'free' },
        { $set: { state: 'taken', by: name } },
        { returnDocument: 'after' },
      );
      if (claimed) claims.push(claimed._id);
      await events.insertOne({ _id: `${name}-${i}` });
    }
  };
  await Promise.all([0, 1, 2, 3].map(worker));
  while (watched.length < 80) {
    const event = await stream.next();
    watched.push(event.documentKey._id);
  }
  await stream.close();
  process.stdout.write(`${JSON.stringify({ won, claims, counted, watched })}\n`);
}

for (let line = await input.next(); !line.done; line = await input.next()) await race(line.value);
await client.close();
