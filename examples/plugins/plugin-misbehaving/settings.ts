import { invalid, wrongType } from '../kit/plugin-error.js';

/** Ways to misbehave while it serves; each takes a number. */
const LATER = ['hang_after_ms', 'not_serving_after_ms', 'die_after_ms', 'exit_code'] as const;

/** Every way to misbehave that takes a number; absent is off. */
const NUMBERS = ['start_delay_ms', 'crash_at_start', 'crash_starts', ...LATER] as const;

/** Every way that is on or off. */
const SWITCHES = ['never_healthy', 'ignore_sigterm', 'leave_child'] as const;

export type Misbehaviour = Readonly<
  Partial<Record<(typeof NUMBERS)[number], number> & Record<(typeof SWITCHES)[number], boolean>> & {
    /** Counts the starts, for `crash_starts`. */
    starts_file?: string;
  }
>;

const PREFIX = 'MISBEHAVE_';

/**
 * What the environment asks for: `MISBEHAVE_` and the name in capitals.
 *
 * @throws PluginError naming the key: a test with a misspelt wish would test nothing
 */
export function fromEnvironment(env: Readonly<Record<string, string | undefined>> = process.env): Misbehaviour {
  const wishes = Object.entries(env).filter(([name]) => name.startsWith(PREFIX));
  return readMisbehaviour(
    Object.fromEntries(wishes.map(([name, value]) => [name.slice(PREFIX.length).toLowerCase(), value])),
  );
}

/**
 * What a caller asks of the running plugin.
 *
 * @throws PluginError naming the key
 */
export function fromCall(options: Readonly<Record<string, unknown>>): Misbehaviour {
  const late = Object.keys(options).find((name) => !includes(LATER, name));
  if (late !== undefined) throw invalid(late, 'is nothing that a running plugin can be asked for');
  return readMisbehaviour(options);
}

function readMisbehaviour(wishes: Readonly<Record<string, unknown>>): Misbehaviour {
  return Object.fromEntries(Object.entries(wishes).map(([name, value]) => [name, readWish(name, value)]));
}

function readWish(name: string, value: unknown): number | boolean | string {
  if (includes(SWITCHES, name)) {
    if (value === true || value === 'true') return true;
    if (value === false || value === 'false') return false;
    throw wrongType(name, 'boolean');
  }
  if (includes(NUMBERS, name)) {
    const number = typeof value === 'string' && value !== '' ? Number(value) : value;
    if (typeof number === 'number' && Number.isInteger(number) && number >= 0 && number < 2 ** 31) return number;
    throw wrongType(name, 'number');
  }
  if (name !== 'starts_file') throw invalid(name, 'is no way to misbehave');
  if (typeof value === 'string' && value !== '') return value;
  throw wrongType(name, 'string');
}

const includes = (names: readonly string[], name: string) => names.includes(name);
