import { DriverError } from '../driver-error.js';
import type { DriverData } from '../driver.js';

/** What the Kubernetes driver remembers of a launch. */
export interface KubernetesData {
  /** Of all its objects. */
  readonly name: string;
  readonly namespace: string;
  readonly launchId: string;
  /** The Service's name within the cluster. */
  readonly host: string;
  /** The Service's address: missing until it was made, '' where it has none. */
  readonly clusterIP?: string;
}

export function toDriverData(data: KubernetesData): DriverData {
  return Object.fromEntries(Object.entries(data).filter((entry) => entry[1] !== undefined)) as DriverData;
}

/** @throws DriverError when it was not written by this driver */
export function fromDriverData(data: DriverData): KubernetesData {
  const { name, namespace, launchId, host, clusterIP } = data;
  const texts = [name, namespace, launchId, host];
  if (!texts.every((text) => typeof text === 'string' && text !== '')) {
    throw new DriverError(`Not the data of a Kubernetes launch: ${JSON.stringify(data)}`, false);
  }
  const known = { name, namespace, launchId, host } as KubernetesData;
  return typeof clusterIP === 'string' ? { ...known, clusterIP } : known;
}
