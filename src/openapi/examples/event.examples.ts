import type { Examples } from './example.js';

export const eventExamples: Examples = {
  '/berth/v1/event/list': [
    {
      name: 'nothing-happened',
      summary: 'What became of a plugin that nobody has used',
      request: { plugin_id: 'plugin-nobody-uses', limit: 10 },
      status: 200,
      answer: { results: [] },
    },
  ],
};
