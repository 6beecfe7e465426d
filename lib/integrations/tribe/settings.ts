// The settings of a connection to Tribe CRM (crm-apis §5.1, §5.5).
import { z } from 'zod';
import type { SettingField } from '../connector';
import { advanced, optionalText, webAddress } from '../setting-types';

const SET_NAME = /^\w*$/;
const setName = (message: string) => z.string().trim().regex(SET_NAME, message);

export const Settings = z.object({
  api: webAddress('Enter the address of the API, such as https://api.tribecrm.nl').default('https://api.tribecrm.nl'),
  authority: webAddress('Enter the sign-in address, such as https://auth.tribecrm.nl').default(
    'https://auth.tribecrm.nl',
  ),
  clientId: z.string().trim().min(1, 'Enter the client ID, from Configuration → Applications in Tribe.'),
  organizationId: optionalText,
  scope: z.enum(['read', 'read write']).default('read'),
  /** [P] Where selections are: not published. Empty: selections are not read. */
  listSet: setName('Enter the name of an entity set, such as Selection').default('Selection'),
  listNameField: z.string().trim().regex(/^\w+$/, 'Enter the name of a field, such as Name').default('Name'),
  listFilter: optionalText,
  /** [P] From a selection to its members. */
  memberNavigation: setName('Enter the name of a navigation property, such as Relations').default('Relations'),
  /** [P] Instead of the navigation: a filter on persons, with {id} for the list's. */
  memberFilter: optionalText.refine(
    (text) => text === undefined || text.includes('{id}'),
    'Write {id} where the ID of the list belongs, such as Labels/any(l: l/ID eq {id})',
  ),
  /** [I] Labels, as further lists. */
  labelSet: setName('Enter the name of an entity set, such as Label').default('Label'),
  labelNavigation: setName('Enter the name of a navigation property, such as Relations').default('Relations'),
  /** [I] Campaigns, as further lists. */
  campaignNavigation: setName('Enter the name of a navigation property, such as Participants').default('Participants'),
  /** Whose address comes first: one person may be contact at several organisations. */
  addresses: z.enum(['contact_first', 'person_first', 'person_only']).default('contact_first'),
});
export type Settings = z.infer<typeof Settings>;

export const Secrets = z.object({ clientSecret: z.string().trim().min(1, 'Enter the client secret.') });
export type Secrets = z.infer<typeof Secrets>;

export const FORM: readonly SettingField[] = [
  { name: 'clientId', label: 'Client ID', hint: 'In Tribe: Configuration → Applications.', kind: 'text' },
  { name: 'clientSecret', label: 'Client secret', kind: 'secret' },
  {
    name: 'organizationId',
    label: 'Organisation ID',
    hint: 'Only if the application has access to several organisations.',
    kind: 'text',
    advanced: true,
  },
  {
    name: 'addresses',
    label: 'Email addresses and phone numbers',
    kind: 'choice',
    options: [
      { value: 'contact_first', label: 'Business address first, then the private one' },
      { value: 'person_first', label: 'Private address first, then the business one' },
      { value: 'person_only', label: 'Private address only' },
    ],
  },
  {
    name: 'scope',
    label: 'Permission',
    hint: 'Writing is used only to register webhooks, by which Tribe tells Tagwell of changes.',
    kind: 'choice',
    options: [
      { value: 'read', label: 'Read' },
      { value: 'read write', label: 'Read, and register webhooks' },
    ],
    advanced: true,
  },
  advanced(
    'listSet',
    'Entity set of selections',
    'Selection',
    'Tribe does not document it, and it may differ on your site. Empty: selections are not read.',
  ),
  advanced('listNameField', 'Field with a selection’s name', 'Name'),
  advanced('listFilter', 'Filter for selections', "_Type eq 'Selection'"),
  advanced('memberNavigation', 'Navigation property from a selection to its members', 'Relations'),
  advanced(
    'memberFilter',
    'Filter for members, instead of that property',
    'Labels/any(l: l/ID eq {id})',
    'Write {id} where the ID of the selection belongs.',
  ),
  advanced('labelSet', 'Entity set of labels', 'Label', 'Empty: labels are not read.'),
  advanced('labelNavigation', 'Navigation property from a label to its members', 'Relations'),
  advanced(
    'campaignNavigation',
    'Navigation property from a campaign to its participants',
    'Participants',
    'Empty: campaigns are not read.',
  ),
  advanced('api', 'API address', 'https://api.tribecrm.nl', 'Change it only for the staging environment.'),
  advanced('authority', 'Sign-in address', 'https://auth.tribecrm.nl', 'Change it only for the staging environment.'),
];
