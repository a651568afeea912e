import { deserialize } from 'bson';
import { decode, encode } from '../../src/embedded-mongo/codec.js';
import { compilePipeline } from '../../src/embedded-mongo/stages.js';
import type { Doc } from '../../src/embedded-mongo/values.js';
import type { Row } from './collection.js';

type Rows = Record<string, unknown>[];

/** Runs pipelines on rows as the embedded database does, without a server and a wire. */
export function evaluator(rows: readonly Row[]): (pipeline: readonly object[]) => Rows {
  const docs = rows.map((row) => decode(encode({ ...row })));
  const context = { variables: {}, read: () => [], tick: () => undefined };
  return (pipeline) => {
    const found = compilePipeline(inMemory(pipeline), context)(docs);
    return deserialize(encode({ found }))['found'] as Rows;
  };
}

function inMemory(value: unknown): unknown {
  return (decode(encode({ value } as Doc)) as { value: unknown }).value;
}
