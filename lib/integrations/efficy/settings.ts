// The settings of a connection to efficy CRM (crm-apis §6.1, §6.5, §6.6).
import { z } from 'zod';
import type { SettingField } from '../connector';
import { pageSizeUpTo } from '../page-size';
import { advanced, fieldNames, optionalText, switched, webAddress } from '../setting-types';
import { isZone } from '../zoned-time';

const columnName = optionalText.refine(
  (name) => name === undefined || /^\w+$/.test(name),
  'Enter the name of a column.',
);
const columnNames = z
  .union([z.literal('').transform(() => undefined), fieldNames('Enter at least one column.')])
  .optional()
  .refine(
    (names) => !names || names.every((name) => /^\w+$/.test(name)),
    'Enter the names of columns, separated by commas.',
  );

export const Settings = z.object({
  address: webAddress('Enter the address of the server, such as https://mycompany.efficy.cloud').transform((address) =>
    address.endsWith('/crm') ? address : `${address}/crm`,
  ),
  customer: optionalText,
  flavour: z.enum(['enterprise', 'u']).default('enterprise'),
  /** [P] Whether profiles and stored queries are listed. */
  profiles: switched(true),
  queries: switched(true),
  /** [I] Names of columns differ from site to site. Empty: those of the product. */
  contactKey: columnName,
  emailFields: columnNames,
  phoneFields: columnNames,
  changedField: columnName,
  /** A column that is 1 for contacts that are switched off. */
  inactiveField: columnName,
  /** Empty: asked of the server. */
  timeZone: optionalText.refine(
    (zone) => zone === undefined || isZone(zone),
    'Enter a time zone, such as Europe/Brussels or +01:00',
  ),
  pageSize: pageSizeUpTo(5_000).default(1_000),
});
export type Settings = z.infer<typeof Settings>;

/** An API key, or a user with a password. */
export const Secrets = z
  .object({ apiKey: optionalText, user: optionalText, password: optionalText })
  .refine(({ apiKey, user, password }) => apiKey !== undefined || (user !== undefined && password !== undefined), {
    message: 'Enter an API key, or a user with a password.',
    path: ['apiKey'],
  });
export type Secrets = z.infer<typeof Secrets>;

/** What tables and columns are called. */
export type Names = {
  contactTable: string;
  contactKey: string;
  /** [I] The columns of a person's name. A site may not have them: nothing depends on them. */
  nameFields: string[];
  emailFields: string[];
  phoneFields: string[];
  changedField?: string;
  inactiveField?: string;
  profiles: { table: string; key: string; name: string };
  queries: { table: string; key: string; name: string };
  /** Below every key. */
  beforeFirstKey: string;
};

const ENTERPRISE: Names = {
  contactTable: 'CONTACTS',
  contactKey: 'K_CONTACT',
  nameFields: ['FIRSTNAME', 'LASTNAME'],
  emailFields: ['EMAIL1'],
  phoneFields: ['MOBILE'],
  changedField: 'D_CHANGE',
  profiles: { table: 'PROFILES', key: 'K_PROFILE', name: 'NAME' },
  queries: { table: 'QUERIES', key: 'K_QUERY', name: 'NAME' },
  beforeFirstKey: '0',
};
const U: Names = {
  contactTable: 'Contact',
  contactKey: 'contKey',
  nameFields: ['contFirstName', 'contName'],
  emailFields: ['contEmail'],
  phoneFields: ['contMobile'],
  inactiveField: 'contArchived',
  profiles: { table: 'Profile', key: 'profKey', name: 'profName' },
  queries: { table: 'Query', key: 'querKey', name: 'querName' },
  beforeFirstKey: '',
};

export function namesOf(settings: Settings): Names {
  const product = settings.flavour === 'u' ? U : ENTERPRISE;
  return {
    ...product,
    contactKey: settings.contactKey ?? product.contactKey,
    emailFields: settings.emailFields ?? product.emailFields,
    phoneFields: settings.phoneFields ?? product.phoneFields,
    changedField: settings.changedField ?? product.changedField,
    inactiveField: settings.inactiveField ?? product.inactiveField,
  };
}

const switchOf = (name: 'profiles' | 'queries', label: string): SettingField => ({
  name,
  label,
  hint: 'Switch this off if the API user may not list them. Then add them as manual lists.',
  kind: 'switch',
  advanced: true,
});

export const FORM: readonly SettingField[] = [
  {
    name: 'address',
    label: 'Server address',
    hint: 'As in the browser when efficy is open.',
    example: 'https://mycompany.efficy.cloud',
    kind: 'text',
  },
  {
    name: 'flavour',
    label: 'Product',
    kind: 'choice',
    options: [
      { value: 'enterprise', label: 'efficy Enterprise' },
      { value: 'u', label: 'efficy U (Maxo)' },
    ],
  },
  { name: 'customer', label: 'Customer alias', hint: 'Only if the server has several databases.', kind: 'text' },
  {
    name: 'apiKey',
    label: 'API key',
    hint: 'In the Designer: Security → API Keys, with the API “json” on the key’s white list.',
    kind: 'secret',
  },
  { name: 'user', label: 'User, if there is no API key', kind: 'secret', legible: true },
  { name: 'password', label: 'Password of that user', kind: 'secret' },
  advanced('contactKey', 'Column with a contact’s key', undefined, 'Empty: K_CONTACT, or contKey in efficy U.'),
  advanced(
    'emailFields',
    'Email columns',
    undefined,
    'Separated by commas, in the order in which they are tried. Empty: EMAIL1, or contEmail in efficy U.',
  ),
  advanced('phoneFields', 'Phone columns', undefined, 'Separated by commas. Empty: MOBILE, or contMobile in efficy U.'),
  advanced(
    'inactiveField',
    'Column that is 1 for inactive contacts',
    undefined,
    'Such as F_ARCHIVED. Empty: none, or contArchived in efficy U.',
  ),
  advanced(
    'changedField',
    'Column with the time of the last change',
    undefined,
    'Empty: D_CHANGE; in efficy U changes cannot be read.',
  ),
  advanced('timeZone', 'Time zone of the database', undefined, 'Such as Europe/Brussels. Empty: the server is asked.'),
  switchOf('profiles', 'Show efficy profiles'),
  switchOf('queries', 'Show stored queries'),
  advanced('pageSize', 'Rows per call', '1000', 'From 1 to 5000.'),
];
