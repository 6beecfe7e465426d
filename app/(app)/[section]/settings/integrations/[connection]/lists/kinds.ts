import type { ListKind } from '@/lib/integrations/connector';

/** What kind of list it is, for people. */
const KIND_WORDS: Record<ListKind, string> = {
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

/** Where two kinds differ in who decides about their members. */
const WHO_DECIDES: Partial<Record<ListKind, string>> = {
  static: 'people are put on it by hand',
  dynamic: 'its query decides who is on it',
};

/** 'dynamic list: its query decides who is on it' */
export const kindInWords = (kind: ListKind): string =>
  WHO_DECIDES[kind] === undefined ? KIND_WORDS[kind] : `${KIND_WORDS[kind]}: ${WHO_DECIDES[kind]}`;
