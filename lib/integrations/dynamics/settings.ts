// The settings of a connection to Dynamics 365 (crm-apis §4.1).
import { z } from 'zod';
import type { SettingField } from '../connector';
import { advanced, fieldNames, switched, webAddress } from '../setting-types';

export const Settings = z.object({
  /** What the browser shows may be pasted: only the origin counts. */
  environment: z
    .string()
    .trim()
    .transform((text) =>
      /^https?:\/\//i.test(text) && URL.canParse(text) && !new URL(text).username ? new URL(text).origin : text,
    )
    .pipe(webAddress('Enter the address of the environment, such as https://contoso.crm4.dynamics.com')),
  tenantId: z.string().trim().min(1, 'Enter the directory (tenant) ID, from Microsoft Entra ID → Overview.'),
  clientId: z.string().trim().min(1, 'Enter the application (client) ID of the app registration.'),
  /** Other clouds have other sign-in hosts. */
  authority: webAddress('Enter the sign-in address, such as https://login.microsoftonline.com').default(
    'https://login.microsoftonline.com',
  ),
  version: z
    .string()
    .trim()
    .regex(/^v9\.\d+$/, 'Enter a version of the Web API, such as v9.2')
    .default('v9.2'),
  /** Whether lists of accounts are read as the accounts' primary contacts, or not at all. */
  accounts: z.enum(['leave_out', 'primary_contact']).default('leave_out'),
  /** Whether lists of leads are read. A lead is then an identity of its own, beside contacts. */
  leads: switched(false),
  emailFields: fieldNames('Enter at least one field with an email address.').default([
    'emailaddress1',
    'emailaddress2',
    'emailaddress3',
  ]),
  phoneFields: fieldNames('Enter at least one field with a phone number.').default(['mobilephone']),
});
export type Settings = z.infer<typeof Settings>;

export const Secrets = z.object({
  clientSecret: z.string().trim().min(1, 'Enter the client secret: its value, not its ID.'),
});
export type Secrets = z.infer<typeof Secrets>;

export const FORM: readonly SettingField[] = [
  {
    name: 'environment',
    label: 'Environment address',
    hint: 'The address in the browser when Dynamics is open. Only its first part is used.',
    example: 'https://contoso.crm4.dynamics.com',
    kind: 'text',
  },
  { name: 'tenantId', label: 'Directory (tenant) ID', hint: 'Microsoft Entra ID → Overview.', kind: 'text' },
  {
    name: 'clientId',
    label: 'Application (client) ID',
    hint: 'From the app registration. The app must also be an application user of the environment, with a security role that reads marketing lists and contacts of the whole organisation.',
    kind: 'text',
  },
  { name: 'clientSecret', label: 'Client secret', hint: 'Its value, not its ID.', kind: 'secret' },
  {
    name: 'accounts',
    label: 'Lists of accounts',
    kind: 'choice',
    options: [
      { value: 'leave_out', label: 'Leave them out' },
      { value: 'primary_contact', label: 'Use the primary contact of each account' },
    ],
    advanced: true,
  },
  {
    name: 'leads',
    label: 'Read lists of leads',
    hint: 'Leads find their profiles in the same way as contacts.',
    kind: 'switch',
    advanced: true,
  },
  advanced(
    'emailFields',
    'Email fields',
    'emailaddress1, emailaddress2',
    'Separated by commas, in the order in which they are tried.',
  ),
  advanced(
    'phoneFields',
    'Phone fields',
    'mobilephone, telephone1',
    'Separated by commas, in the order in which they are tried.',
  ),
  advanced('version', 'Version of the Web API', 'v9.2'),
  advanced(
    'authority',
    'Sign-in address',
    'https://login.microsoftonline.com',
    'Change it only for a national cloud, such as US Government.',
  ),
];
