// Forms as users of tags, attributes and topics.
import type { UserWords } from '@/lib/uses/schema';

export const FORM_WORDS: UserWords = {
  one: 'form',
  many: 'forms',
  named: 100,
  path: (id) => `forms/${id}`,
  edit: (id) => `forms/${id}`,
  hidden: {
    direct: 'uses it. It goes on taking submissions, but applies none of them until someone has fixed it.',
    through: 'uses it indirectly. It goes on taking submissions, but applies none of them until that is fixed.',
  },
  none: 'No form uses it.',
};
