// Settings of a webCRM (crm-apis §3.1).
import { z } from 'zod';
import type { SettingField } from '../connector';
import { pageSizeUpTo } from '../page-size';
import { advanced, webAddress } from '../setting-types';
import { isZone } from '../zoned-time';

/** Names of fields with commas between them; empty: the usual ones of the entity. */
const names = z
  .union([z.string().transform((text) => text.split(',')), z.array(z.string())])
  .transform((list) => list.map((name) => name.trim()).filter((name) => name !== ''));

const path = (usual: string) =>
  z
    .string()
    .trim()
    .refine((text) => text === '' || text.startsWith('/'), `Begin the path with a slash: ${usual}`)
    .default(usual);

const field = (usual: string) => z.string().trim().min(1, 'Enter the name of a field.').default(usual);

export const Settings = z.object({
  address: webAddress('Enter the address of webCRM, such as https://api.webcrm.com').default('https://api.webcrm.com'),
  entity: z.enum(['Person', 'PersonB2C']).default('Person'),
  emailFields: names.default([]),
  phoneFields: names.default([]),
  /** Values of the status whose contacts are no members. */
  inactiveStatuses: names.default([]),
  /** Of times that are written without one (§3.3 [I]: UTC). */
  timeZone: z.string().trim().refine(isZone, 'Enter a time zone such as Europe/Copenhagen.').default('UTC'),
  /** §3.4: not in the latest description. Empty: this site has none. */
  queriesPath: path('/Queries'),
  /** [P] §3.5. Empty: this site does not list its overviews. */
  overviewsPath: path('/Overviews?entityType={entityType}'),
  overviewMembersPath: path('/Overviews/{id}/Persons'),
  overviewId: field('OverviewId'),
  overviewName: field('OverviewName'),
  overviewEntity: field('OverviewEntityType'),
  pageSize: pageSizeUpTo(1_000).default(1_000),
});
export type Settings = z.infer<typeof Settings>;

export const Secrets = z.object({
  token: z.string().trim().min(1, 'Enter the application token of webCRM.'),
});
export type Secrets = z.infer<typeof Secrets>;

export const FORM: readonly SettingField[] = [
  {
    name: 'token',
    label: 'Application token',
    hint: 'In webCRM: Configuration → Integration → API → REST. It needs a Plus or Enterprise subscription.',
    kind: 'secret',
  },
  {
    name: 'entity',
    label: 'Contacts',
    kind: 'choice',
    options: [
      { value: 'Person', label: 'Persons in organisations' },
      { value: 'PersonB2C', label: 'Private persons (B2C)' },
    ],
  },
  advanced('address', 'Address', 'https://api.webcrm.com'),
  advanced(
    'emailFields',
    'Fields with an email address',
    undefined,
    'Separated by commas, in the order in which they are tried. Empty: PersonEmail, PersonEmail2.',
  ),
  advanced(
    'phoneFields',
    'Fields with a phone number',
    undefined,
    'Separated by commas. Empty: PersonMobilePhone, PersonDirectPhone.',
  ),
  advanced(
    'inactiveStatuses',
    'Statuses that do not count',
    undefined,
    'Persons with one of these statuses, such as Resigned, are on no list. Separated by commas. Empty: all count.',
  ),
  advanced('timeZone', 'Time zone', 'UTC', 'For times that webCRM sends without a zone.'),
  advanced(
    'queriesPath',
    'Path of queries',
    '/Queries',
    'For manual lists that are queries. Empty: this site has no queries.',
  ),
  advanced(
    'overviewsPath',
    'Path of overviews',
    '/Overviews?entityType={entityType}',
    'webCRM does not document it, and it may differ on your site. If it is empty, add overviews as manual lists.',
  ),
  advanced('overviewMembersPath', 'Path of an overview’s members', '/Overviews/{id}/Persons'),
  advanced('overviewId', 'Field with an overview’s ID', 'OverviewId'),
  advanced('overviewName', 'Field with an overview’s name', 'OverviewName'),
  advanced('overviewEntity', 'Field with an overview’s entity', 'OverviewEntityType'),
  advanced('pageSize', 'Rows per call', '1000', 'From 1 to 1000.'),
];

/** The fields of an entity that the connector knows. All names begin with the entity's. */
export function fieldsOf({ entity, emailFields, phoneFields }: Settings) {
  const named = (...list: string[]) => list.map((name) => `${entity}${name}`);
  return {
    id: `${entity}Id`,
    organisation: `${entity}OrganisationId`,
    status: `${entity}Status`,
    updated: `${entity}UpdatedAt`,
    names: [named('Name'), named('FirstName', 'MiddleName', 'LastName')],
    emails: emailFields.length > 0 ? emailFields : named('Email', 'Email2'),
    phones: phoneFields.length > 0 ? phoneFields : named('MobilePhone', 'DirectPhone'),
  };
}
