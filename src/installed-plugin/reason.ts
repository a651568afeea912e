import { keepEnd, keepEnds, percentEncodedBytes, sizeOf } from '../common/text/clip.js';
import type { InstanceReport } from './instance-report.js';

/** Longest reason, in bytes as gRPC encodes it: callers are told all of it, and more beside it. */
const REASON_BYTES = 2_640;
/** Where there is output as well, it has what this leaves. */
const SAID_BYTES = 1_000;

/** Why an instance does not serve, and the end of what it printed, where the cause is. */
export function reasonOf({ reason, outputTail }: Pick<InstanceReport, 'reason' | 'outputTail'>): string {
  if (outputTail === '') return keepEnds(reason, REASON_BYTES, percentEncodedBytes);
  const said = `${keepEnds(reason, SAID_BYTES, percentEncodedBytes)}; it printed: `;
  return said + keepEnd(outputTail, REASON_BYTES - sizeOf(said, percentEncodedBytes), percentEncodedBytes);
}
