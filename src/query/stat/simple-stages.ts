import { requiredParameter } from '../../common/errors/errors.js';
import { QUERY_LIMITS } from '../limits.js';
import { readSort, sortOf } from '../list/sort.js';
import { compileUnwind } from '../list/unwind.js';
import { object, whole } from '../shape.js';
import { checkedName } from './output-name.js';
import type { StageCompiler } from './stage.js';

const INT32 = 2 ** 31 - 1;

/** One row for each element of a list. @throws as `unwind` of a list query */
export const unwindStage: StageCompiler = (options, position, at) => {
  const { stages, scope } = compileUnwind(options, position, at);
  return { stages, position: { ...position, scope } };
};

/** One row that tells how many there are; no row when there are none. @throws ERROR_REQUIRED_PARAMETER, ERROR_DB_QUERY */
export const countStage: StageCompiler = (options, { now }, at) => {
  const name = checkedName({ value: object(options, at)['name'], key: `${at}.name` });
  const scope = new Map([[name, { path: name, type: 'number', list: false } as const]]);
  return { stages: [{ $count: name }], position: { scope, now, documents: false, groupKeys: [] } };
};

/** Rows in another order. @throws ERROR_REQUIRED_PARAMETER for an empty list, and as `sort` of a list query */
export const sortStage: StageCompiler = (options, position, at) => {
  const keys = readSort(options, at);
  if (keys.length === 0) throw requiredParameter(at);
  return { stages: [{ $sort: sortOf(keys, position.scope, at) }], position };
};

/** The first rows. @throws ERROR_INVALID_PARAMETER, _TYPE */
export const limitStage: StageCompiler = (options, position, at) => ({
  stages: [{ $limit: whole(options, at, 1, INT32) ?? QUERY_LIMITS.rows }],
  position,
});

/** Rows without the first. @throws ERROR_INVALID_PARAMETER, _TYPE */
export const skipStage: StageCompiler = (options, position, at) => ({
  stages: [{ $skip: whole(options, at, 0, INT32) ?? 0 }],
  position,
});
