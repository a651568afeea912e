import { operatorValueType } from '../query-errors.js';
import { parseDatetime } from '../values/datetime.js';
import { parseTimediff } from '../values/timediff.js';
import type { Operators, Subject } from './operator.js';

const orders = { lt: '$lt', lte: '$lte', gt: '$gt', gte: '$gte' };

type ReadTime = (value: string, subject: Subject) => Date;

function timeOperators(prefix: string, read: ReadTime): Operators {
  return Object.fromEntries(
    Object.entries(orders).map(([order, operator]) => [
      `${prefix}_${order}`,
      {
        types: ['datetime'],
        compile: (subject) => {
          if (typeof subject.value !== 'string') throw operatorValueType(subject.key, 'string');
          return { [subject.field.path]: { [operator]: read(subject.value, subject) } };
        },
      },
    ]),
  );
}

/** Operators that compare a datetime field with a date, or with a distance from now. */
export const datetimeOperators: Operators = {
  ...timeOperators('datetime', (value, { key }) => parseDatetime(value, key)),
  ...timeOperators('timediff', (value, { key, now }) => parseTimediff(value, now, key)),
};
