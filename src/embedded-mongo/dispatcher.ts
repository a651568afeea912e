import { ChangeStream, Waiters } from './change-stream.js';
import { aggregate } from './commands/aggregate.js';
import { catalog } from './commands/catalog.js';
import type { Command, Context, ServerInfo } from './commands/command.js';
import { explain } from './commands/explain.js';
import { findAndModify } from './commands/find-and-modify.js';
import { count, distinct, find } from './commands/find.js';
import { asId, server, sessionKey } from './commands/server.js';
import { stats } from './commands/stats.js';
import { insert, remove, update } from './commands/write.js';
import { Cursors } from './cursors.js';
import { checkDatabaseName, type Database } from './database.js';
import { check, MongoError, toMongoError } from './errors.js';
import { wholeArgument } from './numbers.js';
import { checkConcerns, writeConcernError } from './concerns.js';
import { retried, remember } from './retryable-writes.js';
import type { Doc } from './values.js';

const COMMANDS = new Map<string, Command>(
  Object.entries({
    insert,
    update,
    delete: remove,
    findAndModify,
    findandmodify: findAndModify,
    find,
    count,
    distinct,
    aggregate,
    explain,
    ...catalog,
    ...server,
    ...stats,
  }),
);

/** Fields that every command may carry. */
const GENERIC = new Set(
  (
    '$db lsid $clusterTime $readPreference maxTimeMS comment readConcern writeConcern apiVersion apiStrict ' +
    'apiDeprecationErrors txnNumber $configServerState $audit mayBypassWriteBlocking'
  ).split(' '),
);

/** The session of a connection, as far as commands need it. */
export interface Caller {
  connectionId: number;
  /** Called when the connection closes. */
  onClose(action: () => void): () => void;
}

/** Reads commands, checks them before anything is changed, and has them answered. */
export class Dispatcher {
  readonly waiters = new Waiters();

  constructor(
    private readonly database: Database,
    readonly cursors: Cursors,
    private readonly info: ServerInfo,
  ) {
    database.journal.onCommit = () => this.waiters.notify();
  }

  /** Answers one command; an error of any kind is an answer too. */
  dispatch(command: Doc, caller: Caller, reply: (doc: Doc) => void): void {
    const received = Date.now();
    try {
      const name = Object.keys(command)[0] ?? '';
      const definition = COMMANDS.get(name);
      if (!definition) throw new MongoError('CommandNotFound', `no such command: '${name}'`);
      this.info.counters[name] = (this.info.counters[name] ?? 0) + 1;
      const context = this.contextOf(command, caller, received);
      checkCommand(name, definition, command);
      if (definition.immediate) return reply(definition.run(context, command));
      const stream = name === 'getMore' ? this.streamOf(context, command) : undefined;
      if (stream) return this.wait(stream, command, caller, reply);
      this.database.journal.submit({
        run: () => this.run(definition, context, command),
        reply: (doc) => reply(this.stamped(doc)),
      });
    } catch (error) {
      reply(toMongoError(error).reply());
    }
  }

  private run(definition: Command, context: Context, command: Doc): Doc {
    context.tick();
    const { store, journal } = this.database;
    const txn = definition.retryable ? command['txnNumber'] : undefined;
    const before = txn === undefined ? undefined : retried(store, context.session, txn);
    if (before) return before;
    const written = journal.written;
    const doc = { ...definition.run(context, command), ...writeConcernError(command) };
    if (txn !== undefined) remember(journal, context.session, txn, doc, journal.written > written);
    return doc;
  }

  private stamped(doc: Doc): Doc {
    return { ...doc, operationTime: this.database.store.history.clusterTime };
  }

  private streamOf(context: Context, command: Doc): ChangeStream | undefined {
    const cursor = this.cursors.get(asId(command['getMore']), `${context.db}.${String(command['collection'])}`);
    return cursor instanceof ChangeStream ? cursor : undefined;
  }

  private wait(stream: ChangeStream, command: Doc, caller: Caller, reply: (doc: Doc) => void): void {
    const id = asId(command['getMore']);
    let forget = (): void => undefined;
    const cancel = this.waiters.wait(
      stream,
      command,
      (doc) => {
        forget();
        reply(this.stamped(doc));
      },
      () => {
        if (stream.closed) this.cursors.delete(id);
        return { id: stream.closed ? 0n : id, ns: stream.namespace };
      },
    );
    forget = caller.onClose(cancel);
  }

  private contextOf(command: Doc, caller: Caller, received: number): Context {
    const db = command['$db'];
    checkDatabaseName(db);
    const limit = command['maxTimeMS'] === undefined ? 0 : wholeArgument(command['maxTimeMS'], 'maxTimeMS', 0);
    return {
      database: this.database,
      cursors: this.cursors,
      server: this.info,
      connectionId: caller.connectionId,
      db,
      session: command['lsid'] === undefined ? undefined : sessionKey(command['lsid']),
      variables: { NOW: new Date() },
      tick: () =>
        check(limit === 0 || Date.now() - received <= limit, 'MaxTimeMSExpired', 'operation exceeded time limit'),
    };
  }
}

function checkCommand(name: string, definition: Command, command: Doc): void {
  const inTransaction = 'autocommit' in command || 'startTransaction' in command;
  check(!inTransaction, 'CommandNotSupported', 'transactions are not supported');
  for (const field of Object.keys(command).slice(1)) {
    const known = GENERIC.has(field) || definition.fields.includes(field);
    check(known, 'UnknownField', `BSON field '${name}.${field}' is an unknown field.`);
  }
  checkConcerns(command);
}
