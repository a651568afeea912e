import type { Transport } from './caller.js';

/** The gRPC status of each error code, and the HTTP status of each gRPC status, as the contract has them. */
const codes = {
  INVALID_ARGUMENT: [
    'ERROR_REQUIRED_PARAMETER',
    'ERROR_INVALID_PARAMETER',
    'ERROR_INVALID_PARAMETER_TYPE',
    'ERROR_INVALID_ARGUMENT',
    'ERROR_OPERATOR_VALUE_TYPE',
    'ERROR_OPERATOR_LIST_VALUE_TYPE',
    'ERROR_OPERATOR_DICT_VALUE_TYPE',
    'ERROR_OPERATOR_BOOLEAN_TYPE',
    'ERROR_DB_QUERY',
    'ERROR_INVALID_PLUGIN_VERSION',
  ],
  NOT_FOUND: ['ERROR_NOT_FOUND', 'ERROR_PLUGIN_NOT_FOUND'],
  FAILED_PRECONDITION: [
    'ERROR_NO_POSSIBLE_SUPERVISOR',
    'ERROR_SUPERVISOR_STATE',
    'ERROR_NOT_SUPPORT_RECOVER_PLUGIN',
    'ERROR_INSTALLED_PLUGIN_EXIST',
  ],
  // Cloudforet's client repeats what is answered DEADLINE_EXCEEDED, and then tells nothing of why.
  ABORTED: ['ERROR_INSTALL_PLUGIN_TIMEOUT'],
  UNAVAILABLE: ['ERROR_PLUGIN_FAILURE'],
};
const http = {
  INVALID_ARGUMENT: 400,
  NOT_FOUND: 404,
  FAILED_PRECONDITION: 400,
  ABORTED: 504,
  UNAVAILABLE: 503,
} satisfies Record<keyof typeof codes, number>;

/** The status that the transport answers the error code with. */
export function statusOf(code: string, transport: Transport): string | number {
  const found = (Object.keys(codes) as (keyof typeof codes)[]).find((status) => codes[status].includes(code));
  if (found === undefined) throw new Error(`The contract has no ${code}.`);
  return transport === 'grpc' ? found : http[found];
}
