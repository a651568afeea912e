import { BerthError } from '../common/errors/berth-error.js';
import { display } from '../common/errors/errors.js';

/** The query asks for what cannot be asked: an unknown field or operator, a bad regular expression, a bad date. */
export const queryError = (key: string, reason: string, value?: string | number) =>
  new BerthError(
    'ERROR_DB_QUERY',
    `Query is invalid. (key = ${key}, reason = ${reason}${value === undefined ? '' : `, value = ${display(value)}`})`,
  );

/** The value of an operator has another type than `type`. */
export const operatorValueType = (key: string, type: string) =>
  new BerthError('ERROR_OPERATOR_VALUE_TYPE', `Operator value type is invalid. (key = ${key}, type = ${type})`);

/** The operator takes a list and was given something else. */
export const operatorListValueType = (key: string) =>
  new BerthError('ERROR_OPERATOR_LIST_VALUE_TYPE', `Operator value type is invalid. (key = ${key}, type = list)`);

/** The operator takes an object and was given something else. */
export const operatorDictValueType = (key: string) =>
  new BerthError('ERROR_OPERATOR_DICT_VALUE_TYPE', `Operator value type is invalid. (key = ${key}, type = dict)`);

/** The operator takes true or false and was given something else. */
export const operatorBooleanType = (key: string) =>
  new BerthError('ERROR_OPERATOR_BOOLEAN_TYPE', `Operator value type is invalid. (key = ${key}, type = bool)`);
