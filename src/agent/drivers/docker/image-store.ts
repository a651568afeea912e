import { formatImage, type ImageReference, parseImage } from '../../../registry/image-reference.js';
import type { RegistryLogin } from '../../../registry/registry-credentials.js';
import { DriverError, type Fault } from '../driver-error.js';
import type { EngineClient } from './engine-client.js';
import { driverErrorOf, EngineError } from './engine-error.js';
import type { Image } from './engine-types.js';
import { PullProgress } from './pull-progress.js';

export interface WantedImage {
  /** With tag, with digest, or with both: the digest decides. */
  readonly name: string;
  /** What the registry wants to be shown: asked for only when something has to be fetched. */
  login(): Promise<RegistryLogin | undefined>;
}

export interface ProvidedImage {
  /** Names this content for ever: `registry/repository@sha256:…`, or the image's own id where no registry knows it. */
  readonly pinned: string;
  /** Who it wants to run as; '' is root. */
  readonly user: string;
}

/** The images that an engine has, and how it gets those that it does not have. */
export class ImageStore {
  constructor(private readonly engine: EngineClient) {}

  /**
   * An image that is there already is taken as it is: what a tag names is decided once for each engine.
   *
   * @param progress told how far the pull is, for people
   * @throws DriverError where it cannot be had
   */
  async provide(
    { name, login }: WantedImage,
    signal: AbortSignal,
    progress: (reason: string) => void,
  ): Promise<ProvidedImage> {
    const wanted = parseImage(name);
    const { digest, ...tagged } = wanted;
    const reference = formatImage(digest === undefined ? tagged : { ...wanted, tag: undefined });
    let image = await this.engine.image(reference);
    if (image === undefined) {
      await this.pull(wanted, await login(), signal, progress);
      image = await this.engine.image(reference);
    }
    if (image === undefined) throw new DriverError(`The image ${name} was pulled and is not there.`, true);
    return { pinned: pinnedOf(image, wanted), user: image.Config?.User ?? '' };
  }

  private async pull(
    image: ImageReference,
    login: RegistryLogin | undefined,
    signal: AbortSignal,
    progress: (reason: string) => void,
  ): Promise<void> {
    const name = formatImage(image);
    const told = new PullProgress(name);
    progress(told.text);
    const { registry, repository, tag = 'latest', digest } = image;
    const server = registry === 'docker.io' ? 'https://index.docker.io/v1/' : registry;
    const auth = login && { ...login, serveraddress: server };
    const what = { name: `${registry}/${repository}`, tag: digest ?? tag };
    try {
      await this.engine.pull(what, auth, (line) => told.add(line) && progress(told.text), signal);
    } catch (error) {
      if (!(error instanceof EngineError) || error.unreachable) throw error;
      throw pullError(name, registry, login, error);
    }
  }
}

function pinnedOf({ Id, RepoDigests }: Image, { registry, repository, digest }: ImageReference): string {
  if (digest !== undefined) return formatImage({ registry, repository, digest });
  for (const known of RepoDigests ?? []) {
    const read = parseImage(known);
    if (read.registry === registry && read.repository === repository) return formatImage({ ...read, tag: undefined });
  }
  return Id;
}

const REFUSED =
  /unauthorized|authentication required|no basic auth|access denied|denied:|incorrect username or password/i;
const MISSING = /manifest unknown|not found|does not exist|no matching manifest|name unknown/i;

/** Exported for tests: what engines answer to a pull comes from many registries. */
export function pullError(
  name: string,
  registry: string,
  login: RegistryLogin | undefined,
  error: EngineError,
): DriverError {
  const { message } = error;
  const failed = (why: string, fault: Fault) =>
    new DriverError(`The image ${name} cannot be pulled: ${why} (${message})`, false, { cause: error, fault });
  if (REFUSED.test(message)) {
    const who = login
      ? `refuses the user name or password of ${login.username}`
      : 'wants a password, or has no such image';
    return failed(`${registry} ${who}`, login ? 'lasting' : 'image-not-found');
  }
  if (MISSING.test(message)) return failed(`${registry} has no such image`, 'image-not-found');
  return driverErrorOf(`The image ${name} cannot be pulled`, error);
}
