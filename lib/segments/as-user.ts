// Segments as users of tags, attributes, events and other segments.
import type { UserWords } from '@/lib/uses/schema';

export const SEGMENT_WORDS: UserWords = {
  one: 'segment',
  many: 'segments',
  named: 1_000,
  path: (id) => `segments/${id}`,
  edit: (id) => `segments/${id}/edit`,
  hidden: {
    direct: 'uses it. It will need attention, and nobody can use it until someone has fixed it.',
    through: 'uses it through another segment. It will need attention until that one is fixed.',
  },
  none: 'No segment uses it.',
};
