const UNITS = { '': 1, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 } as const;

/** An amount of memory as people write it: bytes, or `64Ki`, `512Mi`, `2Gi`. */
export const MEMORY_SIZE = /^(\d{1,12})(Ki|Mi|Gi)?$/;

/** @returns bytes; undefined where the text is no amount of memory */
export function memoryBytes(text: string): number | undefined {
  const [, digits, unit = ''] = MEMORY_SIZE.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) * UNITS[unit as keyof typeof UNITS];
}
