import type { InstanceReport } from '../generated/berth/link/v1/link.js';
import { CUT, keepEnd, sizeOf, utf8Bytes } from '../common/text/clip.js';

/** The most of an output that is told: somewhat more than 64 KiB. */
export const OUTPUT_BYTES = 72 * 1024;

/** All outputs together, in one message of many instances. */
const ALL_OUTPUTS_BYTES = 512 * 1024;

/**
 * The end of an output as text, at most so many bytes of it, with a mark where its beginning is missing. Begins with a
 * whole line where it can, else between two characters.
 *
 * @param bytes the end of the output, or all of it
 * @param isCut whether something is missing before them
 */
export function outputEnd(bytes: Buffer, maxBytes: number, isCut = false): string {
  const room = maxBytes - Buffer.byteLength(CUT) - 1;
  if (!isCut && bytes.length <= maxBytes) return bytes.toString('utf8').trimEnd();
  const text = bytes
    .subarray(beginningOfCharacter(bytes, Math.max(0, bytes.length - room)))
    .toString('utf8')
    .trimEnd();
  const lineEnd = text.indexOf('\n');
  return lineEnd >= 0 ? CUT + text.slice(lineEnd) : CUT + text;
}

/** Where the first whole character begins, from there on. */
function beginningOfCharacter(bytes: Buffer, from: number): number {
  while (from < bytes.length && ((bytes[from] ?? 0) & 0xc0) === 0x80) from += 1;
  return from;
}

/** The reports with as much of each output as all may have together. The server keeps what it was told of before. */
export function withFittingOutputs(reports: readonly InstanceReport[], limit = ALL_OUTPUTS_BYTES): InstanceReport[] {
  const outputs = reports.flatMap(({ output_tail }) => output_tail ?? []);
  const size = outputs.reduce((sum, output) => sum + Buffer.byteLength(output), 0);
  if (size <= limit) return [...reports];
  const each = Math.floor(limit / outputs.length);
  const none = each < 2 * sizeOf(CUT, utf8Bytes);
  return reports.map((report) => {
    if (report.output_tail === undefined) return report;
    return { ...report, output_tail: none ? undefined : keepEnd(report.output_tail, each, utf8Bytes) };
  });
}
