import type { ListKind } from '@/lib/integrations/connector';

/** What kind of list it is, for people. */
export const KIND_WORDS: Record<ListKind, string> = {
  campaign: 'campaign',
  filter: 'filter',
  overview: 'overview',
  static: 'static list',
  dynamic: 'dynamic list',
  selection: 'selection',
  label: 'label',
  profile: 'efficy profile',
  query: 'query',
  list: 'list',
  manual: 'manual list',
};
