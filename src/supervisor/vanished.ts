import type { Supervisor } from './supervisor.js';

/** Leases that ran out within this time of each other ran out together, in milliseconds. */
const TOGETHER = 60_000;

/** From this share on, and from this number on, it is not the supervisors that went. */
const SHARE = 0.55;
const NUMBER = 3;

/**
 * Ids of the supervisors that are lost, or silent, and waited for. When most of them vanish at once, what failed is
 * more likely what they are heard through: their plugins run, and moving all of them to the few that are left would do
 * the harm. Those that were disabled, or said goodbye, are not waited for.
 */
export function vanishedTogether(supervisors: Iterable<Supervisor>): ReadonlySet<string> {
  const gone: Supervisor[] = [];
  let here = 0;
  for (const supervisor of supervisors) {
    if (supervisor.state === 'DISCONNECTED' && supervisor.lost && !supervisor.departed) gone.push(supervisor);
    else if (supervisor.state === 'ENABLED' && supervisor.silent) gone.push(supervisor);
    else if (supervisor.state === 'ENABLED') here++;
  }
  const ends = gone.map(({ leaseExpiresAt }) => leaseExpiresAt.getTime());
  return new Set(
    gone
      .filter(({ leaseExpiresAt }) => {
        const together = ends.filter((end) => Math.abs(end - leaseExpiresAt.getTime()) <= TOGETHER).length;
        return together >= NUMBER && together >= SHARE * (here + together);
      })
      .map(({ id }) => id),
  );
}
