// Flows as users of tags, attributes, events and segments.
import type { UserWords } from '@/lib/uses/schema';

export const FLOW_WORDS: UserWords = {
  one: 'flow',
  many: 'flows',
  named: 100,
  path: (id) => `flows/${id}`,
  edit: (id) => `flows/${id}`,
  hidden: {
    direct: 'uses it. Nobody enters it any more, and those in it stay where they are, until someone has fixed it.',
    through:
      'uses it through a segment. Nobody enters it any more, and those in it stay where they are, until that is fixed.',
  },
  none: 'No flow uses it.',
};
