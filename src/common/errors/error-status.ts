import { status } from '@grpc/grpc-js';

/** The gRPC status that each error code is answered with. The one place where a code becomes a status. */
export const statusOfCode = {
  ERROR_REQUIRED_PARAMETER: status.INVALID_ARGUMENT,
  ERROR_INVALID_PARAMETER: status.INVALID_ARGUMENT,
  ERROR_INVALID_PARAMETER_TYPE: status.INVALID_ARGUMENT,
  ERROR_INVALID_ARGUMENT: status.INVALID_ARGUMENT,
  ERROR_OPERATOR_VALUE_TYPE: status.INVALID_ARGUMENT,
  ERROR_OPERATOR_LIST_VALUE_TYPE: status.INVALID_ARGUMENT,
  ERROR_OPERATOR_DICT_VALUE_TYPE: status.INVALID_ARGUMENT,
  ERROR_OPERATOR_BOOLEAN_TYPE: status.INVALID_ARGUMENT,
  ERROR_DB_QUERY: status.INVALID_ARGUMENT,
  ERROR_SUPERVISOR_UPDATE: status.INVALID_ARGUMENT,
  ERROR_INVALID_PLUGIN_VERSION: status.INVALID_ARGUMENT,
  ERROR_NOT_FOUND: status.NOT_FOUND,
  ERROR_PLUGIN_NOT_FOUND: status.NOT_FOUND,
  ERROR_PLUGIN_IMAGE_NOT_FOUND: status.NOT_FOUND,
  ERROR_PLUGIN_ENDPOINT_NOT_FOUND: status.NOT_FOUND,
  ERROR_NOT_UNIQUE: status.ALREADY_EXISTS,
  ERROR_SAVE_UNIQUE_VALUES: status.ALREADY_EXISTS,
  ERROR_NO_POSSIBLE_SUPERVISOR: status.FAILED_PRECONDITION,
  ERROR_SUPERVISOR_STATE: status.FAILED_PRECONDITION,
  ERROR_PLUGIN_STATE_CHANGE: status.FAILED_PRECONDITION,
  ERROR_NOT_SUPPORT_RECOVER_PLUGIN: status.FAILED_PRECONDITION,
  ERROR_INSTALLED_PLUGIN_EXIST: status.FAILED_PRECONDITION,
  // Not DEADLINE_EXCEEDED: Cloudforet's client would wait as long twice more, and then say nothing of the reason.
  ERROR_INSTALL_PLUGIN_TIMEOUT: status.ABORTED,
  ERROR_REQUEST_TIMEOUT: status.DEADLINE_EXCEEDED,
  ERROR_TOO_MANY_REQUESTS: status.RESOURCE_EXHAUSTED,
  ERROR_PLUGIN_FAILURE: status.UNAVAILABLE,
  ERROR_REPOSITORY_BACKEND: status.UNAVAILABLE,
  // Spelt so by every existing client.
  ERROR_UNAVAILAVBLE: status.UNAVAILABLE,
  ERROR_AUTHENTICATE_FAILURE: status.UNAUTHENTICATED,
  ERROR_PERMISSION_DENIED: status.PERMISSION_DENIED,
  ERROR_UNSUPPORTED_API: status.UNIMPLEMENTED,
  ERROR_UNKNOWN: status.INTERNAL,
} as const satisfies Record<string, status>;

export type ErrorCode = keyof typeof statusOfCode;

const httpStatusOfGrpc: Record<status, number> = {
  [status.OK]: 200,
  [status.INVALID_ARGUMENT]: 400,
  [status.FAILED_PRECONDITION]: 400,
  [status.OUT_OF_RANGE]: 400,
  [status.UNAUTHENTICATED]: 401,
  [status.PERMISSION_DENIED]: 403,
  [status.NOT_FOUND]: 404,
  [status.ALREADY_EXISTS]: 409,
  [status.ABORTED]: 409,
  [status.RESOURCE_EXHAUSTED]: 429,
  [status.CANCELLED]: 499,
  [status.INTERNAL]: 500,
  [status.UNKNOWN]: 500,
  [status.DATA_LOSS]: 500,
  [status.UNIMPLEMENTED]: 501,
  [status.UNAVAILABLE]: 503,
  [status.DEADLINE_EXCEEDED]: 504,
};

/** The HTTP status that stands for a gRPC status. */
export function httpStatusOf(grpcStatus: status): number {
  return httpStatusOfGrpc[grpcStatus];
}

/** The HTTP status of an error code: that of its gRPC status, unless HTTP has a better one. */
export function httpStatusOfCode(code: ErrorCode): number {
  const grpcStatus = code === 'ERROR_INSTALL_PLUGIN_TIMEOUT' ? status.DEADLINE_EXCEEDED : statusOfCode[code];
  return httpStatusOf(grpcStatus);
}
