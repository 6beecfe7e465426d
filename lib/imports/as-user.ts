// Imports as users of tags.
import type { UserWords } from '@/lib/uses/schema';

export const IMPORT_WORDS: UserWords = {
  one: 'import',
  many: 'imports',
  named: 10,
  path: (id) => `imports/${id}`,
  edit: (id) => `imports/${id}`,
  hidden: { direct: 'uses it and will not start.', through: 'uses it and will not start.' },
  none: 'No waiting or running import uses it.',
};
