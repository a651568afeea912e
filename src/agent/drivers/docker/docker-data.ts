import { DriverError } from '../driver-error.js';
import type { DriverData } from '../driver.js';

/** What the Docker driver remembers of a launch. */
export interface DockerData {
  /** Of its container. */
  readonly name: string;
  /** Published by the engine; 0 where its network is enough. */
  readonly port: number;
}

export const toDriverData = ({ name, port }: DockerData): DriverData => ({ name, port });

/** @throws DriverError when it was not written by this driver */
export function fromDriverData(data: DriverData): DockerData {
  const { name, port } = data;
  if (typeof name === 'string' && name !== '' && typeof port === 'number') return { name, port };
  throw new DriverError(`Not the data of a container: ${JSON.stringify(data)}`, false);
}
