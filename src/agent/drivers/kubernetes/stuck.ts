import { DriverError } from '../driver-error.js';

/** What a registry says of an image that will not be there in a minute either. */
const HOPELESS_PULL = /Failed: Failed to pull image.*(not found|manifest unknown|unauthorized|denied|invalid)/i;
/** What Kubernetes and registries say of an image that is not there. */
const NO_SUCH_IMAGE = /(ErrImage|ImagePull|pull image).*(not found|manifest unknown|does not exist|no such)/is;

/** Why a launch will not start, in the words of Kubernetes. @param recoverable as its Pods say */
export function stuckBecause(reason: string, recoverable: boolean): DriverError {
  const hopeless = HOPELESS_PULL.test(reason);
  const fault = (hopeless || !recoverable) && NO_SUCH_IMAGE.test(reason) ? 'image-not-found' : undefined;
  return new DriverError(reason, recoverable && !hopeless, { fault });
}
