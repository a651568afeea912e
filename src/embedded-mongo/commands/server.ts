import { Binary } from 'bson';
import { ListCursor } from '../cursors.js';
import { check } from '../errors.js';
import { isDoc, MAX_DOCUMENT_BYTES, typeName, type Doc } from '../values.js';
import { arrayField, wholeField, type Command } from './command.js';

/** The name of the one-node replica set that is advertised. */
export const SET_NAME = 'berth';
const MAX_WIRE_VERSION = 21;

function hello(primary: string): Command {
  return {
    fields: [
      ...['helloOk', 'client', 'compression', 'saslSupportedMechs', 'speculativeAuthenticate', 'topologyVersion'],
      ...['maxAwaitTimeMS', 'loadBalanced', 'backpressure', 'hostInfo'],
    ],
    immediate: true,
    run: ({ server: { address, processId }, connectionId }) => ({
      ...{ [primary]: true, helloOk: true, secondary: false, readOnly: false },
      ...{ hosts: [address], primary: address, me: address, setName: SET_NAME, setVersion: 1 },
      topologyVersion: { processId, counter: 0n },
      maxBsonObjectSize: MAX_DOCUMENT_BYTES,
      maxMessageSizeBytes: 48_000_000,
      maxWriteBatchSize: 100_000,
      localTime: new Date(),
      logicalSessionTimeoutMinutes: 30,
      ...{ connectionId, minWireVersion: 0, maxWireVersion: MAX_WIRE_VERSION, ok: 1 },
    }),
  };
}

/** The key of a session, from its `lsid`. @throws TypeMismatch */
export function sessionKey(lsid: unknown): string {
  const id = isDoc(lsid) ? lsid['id'] : undefined;
  check(id instanceof Binary, 'TypeMismatch', `BSON field 'lsid.id' must be binData, not ${typeName(id)}`);
  return Buffer.from(id.value()).toString('hex');
}

const endSessions: Command = {
  fields: [],
  run: ({ cursors }, command) => {
    const ended = Object.values(command)[0];
    check(Array.isArray(ended), 'TypeMismatch', 'endSessions needs an array of session ids');
    cursors.endSessions(new Set(ended.map(sessionKey)));
    return { ok: 1 };
  },
};

/** Not queued, as a getMore that waits is to end at once. */
const killCursors: Command = {
  fields: ['cursors'],
  immediate: true,
  run: ({ cursors }, command) => {
    const ids = arrayField(command, 'cursors');
    const cursorsKilled = ids.filter((id) => cursors.delete(asId(id)));
    const cursorsNotFound = ids.filter((id) => !cursorsKilled.includes(id));
    return { cursorsKilled, cursorsNotFound, cursorsAlive: [], cursorsUnknown: [], ok: 1 };
  },
};

/** A cursor's id. @throws TypeMismatch */
export function asId(value: unknown): bigint {
  const whole = typeof value === 'bigint' || Number.isInteger(value);
  check(whole, 'TypeMismatch', `a cursor id must be a long, not ${typeName(value)}`);
  return BigInt(value as number | bigint);
}

/** getMore of a list; that of a change stream waits elsewhere. */
const getMore: Command = {
  fields: ['collection', 'batchSize', 'term', 'lastKnownCommittedOpTime'],
  run: ({ db, cursors }, command) => {
    const id = asId(command['getMore']);
    const ns = `${db}.${String(command['collection'])}`;
    const cursor = cursors.get(id, ns);
    check(cursor instanceof ListCursor, 'InternalError', 'the cursor is not a list');
    const nextBatch = cursor.next(wholeField(command, 'batchSize', 0) || Infinity);
    if (cursor.exhausted) cursors.delete(id);
    return { cursor: { nextBatch, id: cursor.exhausted ? 0n : id, ns }, ok: 1 };
  },
};

function tells(reply: Doc, fields: string[] = []): Command {
  return { fields, immediate: true, run: () => ({ ...reply, ok: 1 }) };
}

/** Commands on the connection, the session and cursors. */
export const server: Record<string, Command> = {
  hello: hello('isWritablePrimary'),
  isMaster: hello('ismaster'),
  ismaster: hello('ismaster'),
  ping: tells({}),
  buildInfo: tells({
    ...{ version: '7.0.0', versionArray: [7, 0, 0, 0], gitVersion: 'berth', modules: [], storageEngines: ['berth'] },
    ...{ bits: 64, debug: false, maxBsonObjectSize: MAX_DOCUMENT_BYTES },
  }),
  connectionStatus: tells(
    { authInfo: { authenticatedUsers: [], authenticatedUserRoles: [], authenticatedUserPrivileges: [] } },
    ['showPrivileges'],
  ),
  endSessions,
  refreshSessions: tells({}),
  killCursors,
  getMore,
};
