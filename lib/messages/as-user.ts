// Messages as users of tags, attributes and segments.
import type { UserWords } from '@/lib/uses/schema';

export const MESSAGE_WORDS: UserWords = {
  one: 'message',
  many: 'messages',
  named: 100,
  path: (id) => `messages/${id}`,
  edit: (id) => `messages/${id}`,
  hidden: {
    direct: 'uses it. It will not be sent, and stops if it is being sent, until someone has fixed it.',
    through: 'uses it through a segment. It will not be sent, and stops if it is being sent, until that is fixed.',
  },
  none: 'No message uses it.',
};
