import type { Timestamp } from 'bson';
import { check, MongoError, toMongoError } from './errors.js';
import type { Variables } from './expression.js';
import type { Cursor } from './cursors.js';
import { decode, encode } from './codec.js';
import { clusterTime } from './history.js';
import { wholeArgument } from './numbers.js';
import { orderKey } from './order.js';
import { compileSteps, type Stage } from './stages.js';
import { decodeRecord, seqOf, type ChangeRecord } from './records.js';
import type { Store } from './store.js';
import { isDoc, MAX_DOCUMENT_BYTES, typeName, type Doc } from './values.js';

const OPTIONS = new Set([
  'fullDocument',
  'fullDocumentBeforeChange',
  'resumeAfter',
  'startAfter',
  'startAtOperationTime',
  'showExpandedEvents',
  'allChangesForCluster',
]);
const STAGES = ['$match', '$project', '$addFields', '$set', '$unset'];

/** A change stream on a collection, or on a database when `collection` is undefined. */
export class ChangeStream implements Cursor {
  readonly awaits = true;
  /** The number of the last event looked at. */
  private position: number;
  private readonly updateLookup: boolean;
  private readonly pipeline: Stage;
  private invalidated = false;
  closed = false;

  /** @throws InvalidResumeToken, ChangeStreamHistoryLost, and what the pipeline refuses */
  constructor(
    private readonly store: Store,
    readonly namespace: string,
    private readonly db: string,
    private readonly collection: string | undefined,
    stages: Doc[],
    readonly session: string | undefined,
    variables: Variables,
  ) {
    const [first = {}, ...rest] = stages;
    const options = first['$changeStream'];
    check(isDoc(options), 'TypeMismatch', '$changeStream must be an object');
    this.updateLookup = readOptions(options);
    this.pipeline = compileSteps(rest, STAGES, 'IllegalOperation', variables);
    this.position = this.start(options);
  }

  /** The token to go on from when nothing was answered. */
  get token(): Doc {
    return this.tokenOf(this.position);
  }

  /** The events since the last call that pass the pipeline, as far as one reply holds them. */
  next(count: number): Buffer[] {
    const { history } = this.store;
    check(
      this.position >= history.forgotten,
      'ChangeStreamHistoryLost',
      'the change stream is behind the kept history',
      NON_RESUMABLE,
    );
    const batch: Buffer[] = [];
    // A document that is looked up might be one that a batch on its way to the disk has changed.
    if (history.committed < history.last) return batch;
    let bytes = 0;
    for (const event of history.after(this.position)) {
      for (const doc of this.shown(event)) {
        const encoded = encode(doc);
        batch.push(encoded);
        bytes += encoded.length + 8;
      }
      this.position = seqOf(event);
      if (this.closed || batch.length >= count || bytes > MAX_DOCUMENT_BYTES / 2) break;
    }
    return batch;
  }

  private shown(event: Buffer): Doc[] {
    const record = decodeRecord(event);
    const dropped = record.op === 'dropDatabase';
    const { db, name } = dropped ? decode(record.docs[0] as Buffer) : (this.store.names.get(record.c) ?? {});
    if (db !== this.db || (this.collection !== undefined && name !== this.collection)) return [];
    const common = {
      _id: this.tokenOf(record.seq),
      operationType: record.op as string,
      clusterTime: clusterTime(event),
      wallTime: new Date(record.at),
    };
    const shown = this.through({ ...common, ...this.described(record, name) });
    const ends = this.collection === undefined ? dropped : record.op === 'drop';
    if (!ends) return shown;
    this.closed = true;
    this.invalidated = true;
    return [...shown, ...this.through({ ...common, _id: this.tokenOf(record.seq), operationType: 'invalidate' })];
  }

  private described({ op, docs }: ChangeRecord, coll: unknown): Doc {
    if (op === 'dropDatabase') return { ns: { db: this.db } };
    const [doc, updateDescription] = docs.map((bytes) => decode(bytes));
    const shown: Doc = {};
    if (op === 'insert' || op === 'replace') shown['fullDocument'] = doc;
    if (op === 'update' && this.updateLookup) shown['fullDocument'] = this.lookUp(coll, doc?.['_id']);
    shown['ns'] = { db: this.db, coll };
    if (doc) shown['documentKey'] = { _id: doc['_id'] };
    if (updateDescription) shown['updateDescription'] = updateDescription;
    return shown;
  }

  private lookUp(collection: unknown, id: unknown): Doc | null {
    return this.store.collections.get(`${this.db}.${String(collection)}`)?.docs.get(orderKey(id))?.doc ?? null;
  }

  private through(doc: Doc): Doc[] {
    return this.pipeline([doc]).map((result) => {
      const kept = orderKey(result['_id']) === orderKey(doc['_id']);
      check(kept, 'ChangeStreamFatalError', 'the pipeline must not change the _id of an event', NON_RESUMABLE);
      return result;
    });
  }

  private tokenOf(seq: number): Doc {
    return { _data: `${seq.toString(16).padStart(14, '0')}${this.store.identity}${this.invalidated ? '01' : '00'}` };
  }

  private start(options: Doc): number {
    const { history } = this.store;
    const given = options['resumeAfter'] ?? options['startAfter'];
    if (given !== undefined) {
      const seq = this.readToken(given, options['resumeAfter'] !== undefined);
      const known = seq >= history.forgotten && seq <= history.last;
      check(
        known,
        'ChangeStreamHistoryLost',
        'Resume of change stream was not possible, as the resume point may no longer be in the history',
        NON_RESUMABLE,
      );
      return seq;
    }
    const time = options['startAtOperationTime'];
    if (time === undefined) return history.committed;
    check(typeName(time) === 'timestamp', 'TypeMismatch', 'startAtOperationTime must be a timestamp');
    return history.before(time as Timestamp);
  }

  private readToken(token: unknown, resuming: boolean): number {
    const data = isDoc(token) ? token['_data'] : undefined;
    const match = typeof data === 'string' ? /^([0-9a-f]{14})([0-9a-f]{8})(0[01])$/.exec(data) : null;
    check(match, 'InvalidResumeToken', 'the resume token is not one of this server');
    check(
      match[2] === this.store.identity,
      'ChangeStreamHistoryLost',
      'the resume token is of another database',
      NON_RESUMABLE,
    );
    check(
      !resuming || match[3] === '00',
      'InvalidResumeToken',
      'Attempting to resume a change stream using resumeAfter is not allowed from an invalidate notification',
    );
    return Number.parseInt(match[1] ?? '', 16);
  }
}

const NON_RESUMABLE = { errorLabels: ['NonResumableChangeStreamError'] };

function readOptions(options: Doc): boolean {
  const unknown = Object.keys(options).find((name) => !OPTIONS.has(name));
  check(!unknown, 'UnknownField', `BSON field '$changeStream.${unknown}' is an unknown field.`);
  const { fullDocument = 'default', fullDocumentBeforeChange = 'off' } = options;
  const known = fullDocument === 'default' || fullDocument === 'updateLookup';
  check(known, 'BadValue', `fullDocument: '${String(fullDocument)}' is not supported`);
  check(fullDocumentBeforeChange === 'off', 'BadValue', 'fullDocumentBeforeChange is not supported');
  check(
    options['showExpandedEvents'] !== true && options['allChangesForCluster'] !== true,
    'BadValue',
    'showExpandedEvents and allChangesForCluster are not supported',
  );
  const starts = ['resumeAfter', 'startAfter', 'startAtOperationTime'].filter((name) => options[name] !== undefined);
  check(starts.length <= 1, 50865, 'Only one of resumeAfter, startAfter and startAtOperationTime may be given');
  return fullDocument === 'updateLookup';
}

/** A getMore that waits for an event. */
interface Waiter {
  poll(final: boolean): boolean;
}

/** The waiting getMores: looked at after each batch, when its events are on disk. */
export class Waiters {
  private readonly waiting = new Set<Waiter>();

  /** Answers with the next events at once if there are some, else when there are or the time is over. */
  wait(
    stream: ChangeStream,
    command: Doc,
    answer: (reply: Doc) => void,
    after: (stream: ChangeStream) => Doc,
  ): () => void {
    const count = command['batchSize'] === undefined ? Infinity : wholeArgument(command['batchSize'], 'batchSize', 0);
    const time = command['maxTimeMS'] === undefined ? 1000 : wholeArgument(command['maxTimeMS'], 'maxTimeMS', 0);
    const waiter: Waiter = {
      poll: (final) => {
        let reply: Doc;
        try {
          const nextBatch = stream.next(count || Infinity);
          if (nextBatch.length === 0 && !final) return false;
          reply = { cursor: { nextBatch, postBatchResumeToken: stream.token, ...after(stream) }, ok: 1 };
        } catch (error) {
          reply = toMongoError(error).reply();
        }
        this.waiting.delete(waiter);
        clearTimeout(timer);
        answer(reply);
        return true;
      },
    };
    const timer = setTimeout(() => waiter.poll(true), Math.min(time, 2 ** 31 - 1));
    if (!waiter.poll(false)) this.waiting.add(waiter);
    return () => {
      this.waiting.delete(waiter);
      clearTimeout(timer);
    };
  }

  notify(): void {
    for (const waiter of this.waiting) waiter.poll(false);
  }
}

/** Whether a pipeline opens a change stream. */
export function opensChangeStream(pipeline: unknown): pipeline is Doc[] {
  return Array.isArray(pipeline) && isDoc(pipeline[0]) && '$changeStream' in pipeline[0];
}

/** @throws MongoError when $changeStream is not the first stage */
export function refuseLaterChangeStream(pipeline: unknown): void {
  const later = Array.isArray(pipeline) && pipeline.slice(1).some((stage) => isDoc(stage) && '$changeStream' in stage);
  if (later) throw new MongoError(40602, '$changeStream is only valid as the first stage in a pipeline');
}
