// Pages and actions that the palette and the keys of `g` lead to.
import { matchScore, searchable } from '@/lib/naming/word-search';

/** `path`: below the section's address. `words`: what else people may call it. `key`: after `g`. */
export type Place = { label: string; path: string; words?: string; key?: string; admins?: true };

export const PAGES: readonly Place[] = [
  { label: 'Home', path: '', key: 'h', words: 'start overview dashboard' },
  { label: 'Profiles', path: '/profiles', key: 'p', words: 'people contacts' },
  { label: 'Tags', path: '/tags', key: 't', words: 'labels' },
  { label: 'Segments', path: '/segments', key: 's', words: 'audiences' },
  { label: 'Messages', path: '/messages', key: 'm', words: 'email sms newsletter' },
  { label: 'Forms', path: '/forms', key: 'f' },
  { label: 'Flows', path: '/flows', key: 'w', words: 'automation' },
  { label: 'Imports', path: '/imports', key: 'i', words: 'file csv excel' },
  { label: 'Activity', path: '/activity', key: 'a', words: 'undo history jobs' },
  { label: 'My account', path: '/settings/account', words: 'settings password sessions two-factor' },
  { label: 'Tag overlap', path: '/segments/overlap', words: 'matrix combinations' },
  { label: 'Possible duplicates', path: '/profiles/duplicates', words: 'merge people' },
  { label: 'Data Model: Attributes', path: '/settings/data-model/attributes', words: 'settings fields', admins: true },
  { label: 'Data Model: Events', path: '/settings/data-model/events', words: 'settings', admins: true },
  {
    label: 'Data Model: Tags',
    path: '/settings/data-model/tags',
    words: 'settings hide merge allowed operations',
    admins: true,
  },
  { label: 'Integrations', path: '/settings/integrations', words: 'settings crm connect sync', admins: true },
  { label: 'API keys', path: '/settings/api-keys', words: 'settings clients', admins: true },
  { label: 'Users', path: '/settings/users', words: 'settings people roles invite', admins: true },
  { label: 'Audit log', path: '/settings/audit-log', words: 'settings who did what', admins: true },
  { label: 'Sending', path: '/settings/sending', words: 'settings senders smtp domain', admins: true },
];

export const ACTIONS: readonly Place[] = [
  { label: 'Import a file', path: '/imports/new', words: 'upload csv excel people' },
  { label: 'New segment', path: '/segments/new', words: 'create audience' },
  { label: 'New message', path: '/messages/new', words: 'create write email sms newsletter' },
  { label: 'New form', path: '/forms/new', words: 'create' },
  { label: 'New flow', path: '/flows/new', words: 'create automation' },
];

/** Those that match, best first; all of them without a text. */
export function matchingPlaces(places: readonly Place[], text: string): Place[] {
  const wanted = searchable(text);
  return places
    .map((place) => ({ place, score: matchScore(wanted, searchable(`${place.label} ${place.words ?? ''}`)) }))
    .filter(({ score }) => score > 0)
    .toSorted((left, right) => right.score - left.score)
    .map(({ place }) => place);
}
