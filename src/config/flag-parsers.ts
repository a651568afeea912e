import { withoutScheme } from '../common/grpc/grpc-address.js';
import { MEMORY_SIZE, memoryBytes } from '../common/memory-size.js';

/** One thing that can be decided on the command line of an agent. */
export interface AgentFlag {
  readonly name: string;
  /** The environment variable that stands in for it. */
  readonly variable: string;
  /** In the settings; a dot leads into a part of them. */
  readonly key: string;
  /** `pairs` may be repeated; in the environment they are separated by commas. */
  readonly kind?: 'switch' | 'pairs';
  readonly hint?: string;
  readonly help: string;
  readonly fallback?: unknown;
  /** @throws Error saying what the value should be */
  parse(texts: readonly string[]): unknown;
}

export const text = ([value = '']: readonly string[]): string => {
  if (value === '') throw new Error('must not be empty');
  return value;
};

export const integer =
  (min: number, max: number) =>
  ([value = '']: readonly string[]): number => {
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < min || number > max) throw new Error(`must be a number from ${min} to ${max}`);
    return number;
  };

export const oneOf =
  (...names: readonly string[]) =>
  ([value = '']: readonly string[]): string => {
    if (!names.includes(value)) throw new Error(`must be ${names.join(' or ')}`);
    return value;
  };

export const pairs = (texts: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    texts.map((entry) => {
      const at = entry.indexOf('=');
      if (at < 1) throw new Error('must look like key=value');
      return [entry.slice(0, at).trim(), entry.slice(at + 1).trim()];
    }),
  );

export const address = ([value = '']: readonly string[]): string => {
  const port = Number(/^(?:\[[\da-f:.]+\]|[^\s:/]+):(\d{1,5})$/i.exec(withoutScheme(value))?.[1]);
  if (!(port > 0 && port < 65_536))
    throw new Error('must look like host:port, grpc://host:port or grpc+ssl://host:port');
  return value;
};

export const portRange = ([value = '']: readonly string[]): [number, number] => {
  const [first = 0, last = 0] = (/^(\d+)-(\d+)$/.exec(value)?.slice(1) ?? []).map(Number);
  if (first < 1 || last > 65_535 || first > last) throw new Error('must look like 20000-29999');
  return [first, last];
};

export const yes = ([value = '']: readonly string[]): boolean => oneOf('true', 'false')([value]) === 'true';

/** @returns bytes */
export const memory = ([value = '']: readonly string[]): number => {
  const bytes = MEMORY_SIZE.test(value) ? memoryBytes(value) : undefined;
  if (bytes === undefined) throw new Error('must look like 512Mi or 2Gi');
  return bytes;
};

/** @returns thousandths */
export const cpus = ([value = '']: readonly string[]): number => {
  const number = Number(value);
  if (!/^\d+(\.\d+)?$/.test(value) || number > 1_000) throw new Error('must look like 2 or 0.5');
  return Math.round(number * 1_000);
};
