// Lists of integrations as users of the tags that they keep.
import type { UserWords } from '@/lib/uses/schema';

export const LIST_WORDS: UserWords = {
  one: 'integration list',
  many: 'integration lists',
  named: 100,
  path: (id) => `settings/integrations/lists/${id}`,
  edit: (id) => `settings/integrations/lists/${id}`,
  hidden: {
    direct: 'keeps it. Its syncs will leave everyone as they are, and it will need another tag.',
    through: 'keeps it. Its syncs will leave everyone as they are, and it will need another tag.',
  },
  none: 'No list of an integration keeps it.',
};
