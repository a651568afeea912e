import { describe, expect, it } from 'vitest';
import { SupervisorInfo_State } from '../generated/spaceone/api/plugin/v1/supervisor.js';
import { toSupervisor, toSupervisorInfo, toSupervisorRow, toTransitioned } from './supervisor.mapper.js';
import type { SupervisorDocument } from './supervisor.schema.js';

const told = {
  name: 'one',
  hostname: 'host',
  is_public: true,
  labels: { zone: 'a' },
  tags: { team: 'b' },
  domain_id: 'domain-a',
};
const document = {
  _id: 'supervisor-1',
  ...told,
  state: 'ENABLED',
  lost: true,
  silent: true,
  departed: true,
  lease_expires_at: new Date(7),
  priority: 3,
  capacity: 4,
  epoch: 5,
  created_at: new Date(0),
  updated_at: new Date(1_000),
  revision: 6,
} as Partial<SupervisorDocument> as SupervisorDocument;
const info = {
  supervisor_id: 'supervisor-1',
  ...told,
  state: SupervisorInfo_State.ENABLED,
  created_at: '1970-01-01T00:00:00.000Z',
  updated_at: '1970-01-01T00:00:01.000Z',
};

describe('a supervisor', () => {
  it('is read as it is written down, and answered as the API has it', () => {
    const supervisor = toSupervisor(document);
    expect(supervisor).toEqual({
      id: 'supervisor-1',
      domainId: 'domain-a',
      name: 'one',
      hostname: 'host',
      state: 'ENABLED',
      lost: true,
      silent: true,
      departed: true,
      leaseExpiresAt: new Date(7),
      isPublic: true,
      priority: 3,
      labels: { zone: 'a' },
      tags: { team: 'b' },
      capacity: 4,
      epoch: 5,
      createdAt: new Date(0),
      updatedAt: new Date(1_000),
      revision: 6,
    });
    expect(toSupervisorInfo(supervisor)).toEqual(info);
  });

  it('of an older format is neither silent nor gone', () => {
    const { silent: _silent, departed: _departed, ...older } = document;
    expect(toSupervisor(older as SupervisorDocument)).toMatchObject({ silent: false, departed: false });
  });

  it('is answered by a query with what was asked for', () => {
    expect(toSupervisorRow({ ...document })).toEqual(info);
    expect(toSupervisorRow({})).toEqual({});
    expect(toSupervisorRow({ is_public: false, state: 'DISABLED' })).toEqual({
      is_public: false,
      state: SupervisorInfo_State.DISABLED,
    });
  });

  it('has its history', () => {
    const subject = { kind: 'supervisor', id: 'supervisor-1', supervisorId: 'supervisor-1', domainId: 'domain-a' };
    expect(toTransitioned(document)).toEqual({ ...subject, pluginId: '', version: '', transitions: [] });
    const transitions = [{ to: 'ENABLED' }] as NonNullable<SupervisorDocument['transitions']>;
    expect(toTransitioned({ ...document, transitions }).transitions).toBe(transitions);
  });
});
