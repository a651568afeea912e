import { codeUnits, keepBeginning } from '../text/clip.js';
import { BerthError } from './berth-error.js';

const shown = 200;

/** A value as an error message shows it: as JSON, cut to a readable length. */
export function display(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return keepBeginning(text, shown, codeUnits);
}

function details(pairs: Record<string, unknown>): string {
  return Object.entries(pairs)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key} = ${display(value)}`)
    .join(', ');
}

/** A parameter that has to be there is absent or empty. */
export const requiredParameter = (key: string) =>
  new BerthError('ERROR_REQUIRED_PARAMETER', `Required parameter. (${details({ key })})`);

/** A parameter has another type than `type`, in JSON's words. */
export const invalidParameterType = (key: string, type: string) =>
  new BerthError('ERROR_INVALID_PARAMETER_TYPE', `Parameter type is invalid. (${details({ key, type })})`);

/** A parameter has the right type and a value that cannot be. */
export const invalidParameter = (key: string, reason: string, value?: unknown) =>
  new BerthError('ERROR_INVALID_PARAMETER', `Parameter is invalid. (${details({ key, reason, value })})`);

/** The request cannot be read at all. */
export const invalidArgument = (reason: string) =>
  new BerthError('ERROR_INVALID_ARGUMENT', `Request is invalid. (${details({ reason })})`);

/** Nothing of that name is visible to the caller; a foreign one is answered exactly as an unknown one. */
export const notFound = (key: string, value: string) =>
  new BerthError('ERROR_NOT_FOUND', `${key} could not be found. (${details({ [key]: value })})`);

/** The catalog does not know the plugin. */
export const pluginNotFound = (pluginId: string) =>
  new BerthError('ERROR_PLUGIN_NOT_FOUND', `Plugin could not be found. (${details({ plugin_id: pluginId })})`);

/** The catalog says that the plugin is not deployed any more. */
export const pluginDisabled = (pluginId: string) =>
  new BerthError(
    'ERROR_PLUGIN_STATE_CHANGE',
    `Plugin is disabled and cannot be deployed. (${details({ plugin_id: pluginId, state: 'DISABLED' })})`,
  );

/** The catalog knows the plugin and not this version of it. */
export const invalidPluginVersion = (pluginId: string, version: string, known: readonly string[]) =>
  new BerthError(
    'ERROR_INVALID_PLUGIN_VERSION',
    `Plugin version is invalid. (${details({ plugin_id: pluginId, version, known: known.slice(0, 10).join(' ') })})`,
  );

/** No connected and enabled supervisor carries the labels. */
export const noPossibleSupervisor = (pluginId: string, labels: unknown) =>
  new BerthError(
    'ERROR_NO_POSSIBLE_SUPERVISOR',
    `There is no supervisor to run plugin. (${details({ plugin_id: pluginId, labels })})`,
  );

/** The supervisor is in a state in which this cannot be done. */
export const supervisorState = (supervisorId: string, state: string, wanted: string) =>
  new BerthError(
    'ERROR_SUPERVISOR_STATE',
    `Supervisor state does not allow it. (${details({ supervisor_id: supervisorId, state, action: wanted })})`,
  );

/** Plugins are installed on the supervisor that should go. */
export const installedPluginExists = (supervisorId: string, count: number) =>
  new BerthError(
    'ERROR_INSTALLED_PLUGIN_EXIST',
    `Plugins are installed on the supervisor: remove or move them first. (${details({ supervisor_id: supervisorId, count })})`,
  );

/** Only an instance in ERROR or ACTIVE can be recovered. */
export const cannotRecover = (pluginId: string, version: string, state: string) =>
  new BerthError(
    'ERROR_NOT_SUPPORT_RECOVER_PLUGIN',
    `Only a plugin in ERROR or ACTIVE can be recovered. (${details({ plugin_id: pluginId, version, state })})`,
  );

/** The instance is broken: given up for now, or crash-looping. */
export const pluginFailure = (pluginId: string, version: string, reason: string) =>
  new BerthError(
    'ERROR_PLUGIN_FAILURE',
    `Plugin does not run. (${details({ plugin_id: pluginId, version })}) ${reason}`,
  );

/** The registry has no image of the version. */
export const pluginImageNotFound = (pluginId: string | undefined, version: string | undefined, reason: string) =>
  new BerthError(
    'ERROR_PLUGIN_IMAGE_NOT_FOUND',
    `Plugin has no image. (${details({ plugin_id: pluginId, version })}) ${reason}`,
  );

/** The version cannot be run until somebody changes it, its entry in the catalog, or what supervisors may do. */
export const pluginNotDeployable = (pluginId: string | undefined, version: string | undefined, reason: string) =>
  new BerthError(
    'ERROR_PLUGIN_STATE_CHANGE',
    `Plugin cannot be deployed. (${details({ plugin_id: pluginId, version })}) ${reason}`,
  );

/** The instance did not become ready in the time there was. @param phase how far it is, and what it waits for: kept whole */
export const installTimeout = (pluginId: string, version: string, phase: string) =>
  new BerthError(
    'ERROR_INSTALL_PLUGIN_TIMEOUT',
    `Plugin was not ready in time. (${details({ plugin_id: pluginId, version })}, phase = ${phase})`,
  );

/** As many callers of the domain wait for deployments as may. */
export const tooManyWaiting = (domainId: string, limit: number) =>
  new BerthError(
    'ERROR_TOO_MANY_REQUESTS',
    `Too many callers wait for plugins, try again later. (${details({ domain_id: domainId, limit })})`,
  );

/** Something that the service needs does not answer. */
export const unavailable = (what: string, cause?: unknown) =>
  new BerthError('ERROR_UNAVAILAVBLE', `Service is unavailable, try again. (${details({ reason: what })})`, { cause });

/** The catalog cannot be asked. */
export const repositoryBackend = (reason: string, cause?: unknown) =>
  new BerthError('ERROR_REPOSITORY_BACKEND', `Catalog is unavailable, try again. (${details({ reason })})`, { cause });

/** A plugin was called and gave no answer, not even an error. */
export const pluginCallFailed = (pluginId: string, endpoint: string, reason: string) =>
  new BerthError(
    'ERROR_PLUGIN_FAILURE',
    `Plugin did not answer. (${details({ plugin_id: pluginId, endpoint })}) ${reason}`,
  );

/** Nobody knows who makes the call. The reason never holds anything of the token. */
export const authenticateFailure = (reason: string) =>
  new BerthError('ERROR_AUTHENTICATE_FAILURE', `A valid token is required. (${details({ reason })})`);

/** The caller is known, and may not do this. */
export const permissionDenied = (reason: string, values: Record<string, unknown> = {}) =>
  new BerthError('ERROR_PERMISSION_DENIED', `Permission denied. (${details({ ...values, reason })})`);

/** The API has the method, and it is not served here. */
export const unsupportedApi = (method: string, reason: string) =>
  new BerthError('ERROR_UNSUPPORTED_API', `Method is not supported. (${details({ method, reason })})`);
