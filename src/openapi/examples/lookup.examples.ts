import type { Examples } from './example.js';

const plugin_id = 'plugin-aws-sns-mon-webhook';
const LABEL = 'lacks the label zone=moon';

const supervisor = (name: string, supervisor_id: string, state: string, reason: string) => ({
  supervisor_id,
  name,
  state,
  priority: 0,
  taken: false,
  reason,
});

const spare = (number: number, state: string, reason: string) =>
  supervisor(`spare-${number}`, `supervisor-00000000000${number}`, state, reason);

const instance = (supervisor_id: string, endpoint: string) => ({
  supervisor_id,
  state: 'ACTIVE',
  generation: 1,
  endpoints: [endpoint],
  taken: false,
  reason: `is on a supervisor that ${LABEL}`,
});

export const lookupExamples: Examples = {
  '/berth/v1/lookup/explain': [
    {
      name: 'no-supervisor',
      summary: 'Why no supervisor would take it',
      request: { plugin_id, version: '1.2.2', labels: { zone: 'moon' } },
      status: 200,
      answer: {
        version: '1.2.2',
        bound_to: '',
        waits_because: 'no supervisor can take the plugin',
        supervisors: [
          supervisor('aws', 'supervisor-525982f2ae9a', 'ENABLED', LABEL),
          spare(2, 'PENDING', 'is PENDING'),
          ...[3, 4, 5, 6].map((number) => spare(number, 'ENABLED', LABEL)),
          spare(7, 'DISABLED', 'is DISABLED'),
          spare(8, 'ENABLED', LABEL),
        ],
        instances: [
          instance('supervisor-000000000008', 'grpc://other-url:50051'),
          instance('supervisor-525982f2ae9a', 'grpc://endpoint-url:50051'),
        ],
      },
    },
  ],
};
