import { decode, encode } from './codec.js';
import type { Cursor } from './cursors.js';
import { check } from './errors.js';
import type { Variables } from './expression.js';
import { clusterTime } from './history.js';
import { orderKey } from './order.js';
import { decodeRecord, seqOf, type ChangeRecord } from './records.js';
import { compileSteps, type Stage } from './stages.js';
import type { Store } from './store.js';
import { isDoc, MAX_DOCUMENT_BYTES, type Doc } from './values.js';

const OPTIONS = ['fullDocument', 'resumeAfter', 'startAfter'];
const STAGES = ['$match', '$project', '$addFields', '$set', '$unset'];
const NON_RESUMABLE = { errorLabels: ['NonResumableChangeStreamError'] };

/** A change stream on a collection, or on a database when `collection` is undefined. */
export class ChangeStream implements Cursor {
  readonly namespace: string;
  /** The number of the last event looked at. */
  private position: number;
  private readonly updateLookup: boolean;
  private readonly pipeline: Stage;
  /** Whether it has told its last event. */
  closed = false;
  onKilled = (): void => undefined;

  /** @throws InvalidResumeToken, ChangeStreamHistoryLost, and what the pipeline refuses */
  constructor(
    private readonly store: Store,
    private readonly db: string,
    private readonly collection: string | undefined,
    [first = {}, ...rest]: Doc[],
    readonly session: string | undefined,
    variables: Variables,
  ) {
    this.namespace = `${db}.${collection ?? '$cmd.aggregate'}`;
    const options = first['$changeStream'];
    check(isDoc(options), 'TypeMismatch', '$changeStream must be an object');
    const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name));
    check(!unknown, 'UnknownField', `The option '${unknown}' of $changeStream is not supported`);
    const { fullDocument = 'default', resumeAfter, startAfter } = options;
    const known = fullDocument === 'default' || fullDocument === 'updateLookup';
    check(known, 'BadValue', `fullDocument: '${String(fullDocument)}' is not supported`);
    this.updateLookup = fullDocument === 'updateLookup';
    this.pipeline = compileSteps(rest, STAGES, 'IllegalOperation', variables);
    check(!resumeAfter || !startAfter, 50865, 'Only one of resumeAfter and startAfter may be given');
    const token = resumeAfter ?? startAfter;
    this.position = token === undefined ? store.history.committed : this.readToken(token, resumeAfter !== undefined);
  }

  /** The token to go on from when nothing was answered. */
  get token(): Doc {
    return this.tokenOf(this.position);
  }

  /** The events since the last call that pass the pipeline, as far as one reply holds them. */
  next(count: number): Buffer[] {
    const { history } = this.store;
    const kept = this.position >= history.forgotten;
    check(kept, 'ChangeStreamHistoryLost', 'the change stream is behind the kept history', NON_RESUMABLE);
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
    const times = { clusterTime: clusterTime(event), wallTime: new Date(record.at) };
    const head = { _id: this.tokenOf(record.seq), operationType: record.op as string, ...times };
    const shown = this.through({ ...head, ...this.described(record, name) });
    this.closed = this.collection === undefined ? dropped : record.op === 'drop';
    if (!this.closed) return shown;
    return [...shown, ...this.through({ ...head, _id: this.tokenOf(record.seq), operationType: 'invalidate' })];
  }

  private described({ op, docs }: ChangeRecord, coll: unknown): Doc {
    if (op === 'dropDatabase') return { ns: { db: this.db } };
    const [doc, updateDescription] = docs.map((bytes) => decode(bytes));
    const whole = op === 'insert' || op === 'replace';
    const shown: Doc = whole ? { fullDocument: doc } : {};
    if (op === 'update' && this.updateLookup) shown['fullDocument'] = this.lookUp(coll, doc?.['_id']);
    const documentKey = doc && { documentKey: { _id: doc['_id'] } };
    return { ...shown, ns: { db: this.db, coll }, ...documentKey, ...(updateDescription && { updateDescription }) };
  }

  private lookUp(collection: unknown, id: unknown): Doc | null {
    return this.store.collections.get(`${this.db}.${String(collection)}`)?.docs.get(orderKey(id))?.doc ?? null;
  }

  private through(doc: Doc): Doc[] {
    const results = this.pipeline([doc]);
    const kept = results.every((result) => orderKey(result['_id']) === orderKey(doc['_id']));
    check(kept, 'ChangeStreamFatalError', 'the pipeline must not change the _id of an event', NON_RESUMABLE);
    return results;
  }

  /** The number of the event, the database, and whether it is of the event that ended a stream. */
  private tokenOf(seq: number): Doc {
    return { _data: `${seq.toString(16).padStart(14, '0')}${this.store.identity}${this.closed ? '01' : '00'}` };
  }

  private readToken(token: unknown, resuming: boolean): number {
    const { history, identity } = this.store;
    const data = isDoc(token) ? token['_data'] : undefined;
    const match = typeof data === 'string' ? /^([0-9a-f]{14})([0-9a-f]{8})(0[01])$/.exec(data) : null;
    check(match, 'InvalidResumeToken', 'the resume token is not one of this server');
    const ended = resuming && match[3] === '01';
    check(!ended, 'InvalidResumeToken', 'resumeAfter is not allowed from an invalidate notification');
    const seq = Number.parseInt(match[1] ?? '', 16);
    const known = match[2] === identity && seq >= history.forgotten && seq <= history.last;
    const message = 'Resume of change stream was not possible, as the resume point is not in the history';
    check(known, 'ChangeStreamHistoryLost', message, NON_RESUMABLE);
    return seq;
  }
}

/** Whether a pipeline opens a change stream. */
export function opensChangeStream(pipeline: unknown[]): pipeline is Doc[] {
  return isDoc(pipeline[0]) && '$changeStream' in pipeline[0];
}
