import type { Example, Examples } from './examples/example.js';
import { eventExamples } from './examples/event.examples.js';
import { lookupExamples } from './examples/lookup.examples.js';
import { pluginExamples } from './examples/plugin.examples.js';
import { repositoryExamples } from './examples/repository.examples.js';
import { supervisorExamples } from './examples/supervisor.examples.js';

/**
 * They are of one domain, which the token or `x-domain-id` names. Its supervisor `supervisor-525982f2ae9a` runs two
 * versions of a plugin; others stand ready for what the examples do to them.
 */
const examples: Examples = {
  ...eventExamples,
  ...lookupExamples,
  ...pluginExamples,
  ...supervisorExamples,
  ...repositoryExamples,
};

export const examplesOf = (path: string): readonly Example[] => examples[path] ?? [];
