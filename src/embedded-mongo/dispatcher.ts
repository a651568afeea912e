import { ChangeStream } from './change-stream.js';
import { aggregate } from './commands/aggregate.js';
import { catalog } from './commands/catalog.js';
import { checkFields, type Command, type Context, type ServerInfo, wholeField } from './commands/command.js';
import { explain } from './commands/explain.js';
import { findAndModify } from './commands/find-and-modify.js';
import { count, distinct, find } from './commands/find.js';
import { asId, server, sessionKey } from './commands/server.js';
import { stats } from './commands/stats.js';
import { insert, remove, update } from './commands/write.js';
import { checkConcerns } from './concerns.js';
import type { Cursors } from './cursors.js';
import { checkDatabaseName, type Database } from './database.js';
import { check, MongoError, toMongoError } from './errors.js';
import { retried, remember } from './retryable-writes.js';
import type { Doc } from './values.js';
import { Waiters } from './waiters.js';

const COMMANDS = new Map<string, Command>(
  Object.entries({
    ...{ insert, update, delete: remove, findAndModify, find, count, distinct, aggregate, explain },
    ...{ ...catalog, ...server, ...stats },
  }),
);

/** Fields that every command may carry. */
const GENERIC = [
  ...['$db', 'lsid', '$clusterTime', '$readPreference', 'maxTimeMS', 'comment', 'readConcern', 'writeConcern'],
  ...['apiVersion', 'apiStrict', 'apiDeprecationErrors', 'txnNumber'],
];

/** The session of a connection, as far as commands need it. */
export interface Caller {
  connectionId: number;
  /** Called when the connection closes. */
  onClose(action: () => void): () => void;
}

/** Reads commands, checks them before anything is changed, and has them answered. */
export class Dispatcher {
  private readonly waiters = new Waiters();

  constructor(
    private readonly database: Database,
    private readonly cursors: Cursors,
    private readonly info: ServerInfo,
  ) {
    database.journal.onCommit = () => this.waiters.notify();
  }

  /**
   * Answers one command; an error of any kind is an answer too.
   * @param inOrder whether the caller may send more before it has the answer
   */
  dispatch(command: Doc, caller: Caller, reply: (doc: Doc) => void, inOrder = false): void {
    const received = Date.now();
    try {
      const name = Object.keys(command)[0] ?? '';
      const definition = COMMANDS.get(name);
      if (!definition) throw new MongoError('CommandNotFound', `no such command: '${name}'`);
      this.info.counters[name] = (this.info.counters[name] ?? 0) + 1;
      const inTransaction = 'autocommit' in command || 'startTransaction' in command;
      check(!inTransaction, 'CommandNotSupported', 'transactions are not supported');
      const { fields, refused = [] } = definition;
      checkFields(command, Object.keys(command).slice(1), [...fields, ...GENERIC], refused, name);
      checkConcerns(command);
      const context = this.contextOf(command, caller, received);
      if (definition.immediate) return reply(definition.run(context, command));
      if (name === 'getMore' && this.waits(context, command, caller, reply)) return;
      this.database.journal.submit({ inOrder, run: () => this.run(definition, context, command), reply });
    } catch (error) {
      reply(toMongoError(error).reply());
    }
  }

  private run(definition: Command, context: Context, command: Doc): Doc {
    context.tick();
    const { store, journal } = this.database;
    const txn = definition.retryable ? command['txnNumber'] : undefined;
    if (txn === undefined) return definition.run(context, command);
    const before = retried(store, context.session, txn);
    if (before) return before;
    const { written } = journal;
    const doc = definition.run(context, command);
    if (journal.written > written) remember(journal, context.session, txn, doc);
    return doc;
  }

  /** Takes a getMore of a change stream, which waits for events. */
  private waits({ db, cursors }: Context, command: Doc, caller: Caller, reply: (doc: Doc) => void): boolean {
    const id = asId(command['getMore']);
    const stream = cursors.get(id, `${db}.${String(command['collection'])}`);
    if (!(stream instanceof ChangeStream)) return false;
    let cancel = (): void => undefined;
    const forget = caller.onClose(() => cancel());
    cancel = this.waiters.wait(id, stream, command, (doc) => {
      forget();
      if (stream.closed) cursors.delete(id);
      reply(doc);
    });
    return true;
  }

  private contextOf(command: Doc, caller: Caller, received: number): Context {
    const db = command['$db'];
    checkDatabaseName(db);
    const limit = wholeField(command, 'maxTimeMS', 0) || Infinity;
    return {
      database: this.database,
      cursors: this.cursors,
      server: this.info,
      connectionId: caller.connectionId,
      db,
      variables: { NOW: new Date() },
      session: command['lsid'] === undefined ? undefined : sessionKey(command['lsid']),
      tick: () => check(Date.now() - received <= limit, 'MaxTimeMSExpired', 'operation exceeded time limit'),
    };
  }
}
