import type { Supervisor } from './supervisor.js';

/** A supervisor that can take plugins, for tests. */
export const supervisor = (id: string, changes: Partial<Supervisor> = {}): Supervisor => ({
  id,
  domainId: 'domain-a',
  name: id,
  hostname: id,
  state: 'ENABLED',
  lost: false,
  silent: false,
  departed: false,
  leaseExpiresAt: new Date(0),
  isPublic: false,
  priority: 0,
  labels: {},
  tags: {},
  capacity: 0,
  epoch: 1,
  createdAt: new Date(0),
  updatedAt: new Date(0),
  revision: 1,
  ...changes,
});
