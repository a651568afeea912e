/** One version of the plugin, by what it understands. */
export interface Version {
  readonly name: string;
  /** Where in an alarm it looks for what the alarm is about. */
  readonly alarms: readonly ('Trigger.Dimensions' | 'Trigger.Metrics')[];
}

export const VERSIONS: readonly Version[] = [
  { name: '1.2.1', alarms: ['Trigger.Dimensions'] },
  { name: '1.2.2', alarms: ['Trigger.Dimensions', 'Trigger.Metrics'] },
];

/** @throws Error naming the versions there are */
export function readVersion(name: string | undefined): Version {
  const version = VERSIONS.find((one) => one.name === name);
  if (version === undefined) {
    throw new Error(`Which version? One of ${VERSIONS.map((one) => one.name).join(', ')}, not ${name ?? 'none'}.`);
  }
  return version;
}
