import { join } from 'node:path';

/** Plugins that only serve: as many as a scenario wants. */
export const steady = (number: number) => `plugin-steady-${number}`;
const STEADY = 60;

/** Takes three seconds to start. */
export const SLOW = 'plugin-slow';
/** Crashes at each start. */
export const CRASHING = 'plugin-crashing';

const program = (plugin: string) => ['node', `dist/examples/plugins/${plugin}/main.js`, '1.0.0'];

function misbehaving(pluginId: string, env: Record<string, string>) {
  return {
    plugin_id: pluginId,
    name: pluginId,
    resource_type: 'monitoring.Webhook',
    versions: [{ version: '1.0.0', process: { command: program('plugin-misbehaving'), env } }],
  };
}

/** The catalog of a world. */
export function faultyCatalog(directory: string) {
  return {
    plugins: [
      ...Array.from({ length: STEADY }, (_, at) => misbehaving(steady(at), {})),
      misbehaving(SLOW, { MISBEHAVE_START_DELAY_MS: '3000' }),
      misbehaving(CRASHING, {
        MISBEHAVE_CRASH_AT_START: '3',
        MISBEHAVE_STARTS_FILE: join(directory, 'starts-of-crashing'),
      }),
    ],
  };
}
