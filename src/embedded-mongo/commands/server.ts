import { Binary } from 'bson';
import { ListCursor } from '../cursors.js';
import { check } from '../errors.js';
import { wholeArgument } from '../numbers.js';
import { isDoc, typeName, type Doc } from '../values.js';
import { arrayField, type Command, type Context } from './command.js';

/** The name of the one-node replica set that is advertised. */
export const SET_NAME = 'berth';
const MAX_WIRE_VERSION = 21;
const VERSION = '7.0.0';

function greet(context: Context, legacy: boolean): Doc {
  const { address, processId } = context.server;
  return {
    ...(legacy ? { ismaster: true } : { isWritablePrimary: true }),
    helloOk: true,
    hosts: [address],
    setName: SET_NAME,
    setVersion: 1,
    topologyVersion: { processId, counter: 0n },
    secondary: false,
    primary: address,
    me: address,
    maxBsonObjectSize: 16 * 1024 * 1024,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: 30,
    connectionId: context.connectionId,
    minWireVersion: 0,
    maxWireVersion: MAX_WIRE_VERSION,
    readOnly: false,
    ok: 1,
  };
}

const HELLO_FIELDS =
  'helloOk client compression saslSupportedMechs speculativeAuthenticate topologyVersion maxAwaitTimeMS loadBalanced backpressure hostInfo'.split(
    ' ',
  );

function hello(legacy: boolean): Command {
  return { fields: HELLO_FIELDS, immediate: true, run: (context) => greet(context, legacy) };
}

/** The key of a session, from its `lsid`. @throws TypeMismatch */
export function sessionKey(lsid: unknown): string {
  const id = isDoc(lsid) ? lsid['id'] : undefined;
  check(
    id instanceof Binary,
    'TypeMismatch',
    `BSON field 'lsid.id' is the wrong type '${typeName(id)}', expected type 'binData'`,
  );
  return Buffer.from(id.value()).toString('hex');
}

const endSessions: Command = {
  fields: [],
  run: (context, command) => {
    const ended = Object.values(command)[0];
    check(Array.isArray(ended), 'TypeMismatch', 'endSessions needs an array of session ids');
    context.cursors.endSessions(new Set(ended.map(sessionKey)));
    return { ok: 1 };
  },
};

const killCursors: Command = {
  fields: ['cursors'],
  run: (context, command) => {
    const ids = arrayField(command, 'cursors');
    const known = ids.filter((id) => context.cursors.delete(asId(id)));
    const notFound = ids.filter((id) => !known.includes(id));
    return { cursorsKilled: known, cursorsNotFound: notFound, cursorsAlive: [], cursorsUnknown: [], ok: 1 };
  },
};

/** A cursor's id. @throws TypeMismatch */
export function asId(value: unknown): bigint {
  const id =
    typeof value === 'bigint'
      ? value
      : typeof value === 'number' && Number.isInteger(value)
        ? BigInt(value)
        : undefined;
  check(id !== undefined, 'TypeMismatch', `a cursor id must be a long, not ${typeName(value)}`);
  return id;
}

/** getMore of a list; that of a change stream waits elsewhere. */
const getMore: Command = {
  fields: ['collection', 'batchSize', 'term', 'lastKnownCommittedOpTime'],
  run: (context, command) => {
    const id = asId(command['getMore']);
    const namespace = `${context.db}.${String(command['collection'])}`;
    const cursor = context.cursors.get(id, namespace);
    check(cursor instanceof ListCursor, 'InternalError', 'the cursor is not a list');
    const count = command['batchSize'] === undefined ? Infinity : wholeArgument(command['batchSize'], 'batchSize', 0);
    const nextBatch = cursor.next(count || Infinity);
    if (cursor.exhausted) context.cursors.delete(id);
    return { cursor: { nextBatch, id: cursor.exhausted ? 0n : id, ns: namespace }, ok: 1 };
  },
};

const ok: Command = { fields: [], immediate: true, run: () => ({ ok: 1 }) };

const buildInfo: Command = {
  fields: [],
  immediate: true,
  run: () => ({
    version: VERSION,
    versionArray: [7, 0, 0, 0],
    gitVersion: 'berth',
    modules: [],
    storageEngines: ['berth'],
    bits: 64,
    debug: false,
    maxBsonObjectSize: 16 * 1024 * 1024,
    ok: 1,
  }),
};

const connectionStatus: Command = {
  fields: ['showPrivileges'],
  immediate: true,
  run: () => ({
    authInfo: { authenticatedUsers: [], authenticatedUserRoles: [], authenticatedUserPrivileges: [] },
    ok: 1,
  }),
};

/** Commands on the connection, the session and cursors. */
export const server: Record<string, Command> = {
  hello: hello(false),
  isMaster: hello(true),
  ismaster: hello(true),
  ping: ok,
  buildInfo,
  buildinfo: buildInfo,
  connectionStatus,
  endSessions,
  refreshSessions: ok,
  killCursors,
  getMore,
};
