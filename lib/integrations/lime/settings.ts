// Settings of a Lime CRM (crm-apis §2.1). Sites rename types and fields freely, so all of them are settings.
import { z } from 'zod';
import type { SettingField } from '../connector';
import { pageSizeUpTo } from '../page-size';
import { advanced, fieldNames, webAddress } from '../setting-types';

const name = (value: string) =>
  z
    .string()
    .trim()
    .regex(/^\w+$/, 'Enter a name as Lime has it: letters, digits and _, without spaces.')
    .default(value);

export const Settings = z.object({
  /** With the name of the application, without a slash at its end. */
  address: webAddress(
    'Enter the address of Lime with the name of the application, such as https://instance.lime-crm.com/application',
  ),
  memberType: name('person'),
  campaignType: name('campaign'),
  campaignName: name('name'),
  participantType: name('participant'),
  participantPerson: name('person'),
  participantCampaign: name('campaign'),
  participantStatus: name('participantstatus'),
  /** Keys of statuses whose participants are no members. */
  leftOut: z
    .union([z.string().transform((text) => text.split(',')), z.array(z.string())])
    .transform((keys) => keys.map((key) => key.trim()).filter((key) => key !== ''))
    .default(['decline']),
  /** Whether filters of organisations are read as the contacts of these, or not at all. */
  organisations: z.enum(['leave_out', 'contacts']).default('leave_out'),
  organisationType: name('company'),
  memberOrganisation: name('company'),
  emailFields: fieldNames('Enter the name of the field with the email address.').default(['email']),
  phoneFields: fieldNames('Enter the name of a field with a phone number.').default(['mobilephone', 'phone']),
  /** Empty: there is none. */
  inactiveField: z.string().trim().default('inactive'),
  /** [P] §2.5: where this site lists its filters. Empty: it does not. */
  filtersPath: z
    .string()
    .trim()
    .refine((path) => path === '' || path.startsWith('/'), 'Begin the path with a slash: /api/v1/filter/')
    .default('/api/v1/filter/?limetype={limetype}'),
  pageSize: pageSizeUpTo(200).default(200),
});
export type Settings = z.infer<typeof Settings>;

export const Secrets = z.object({ apiKey: z.string().trim().min(1, 'Enter the API key.') });
export type Secrets = z.infer<typeof Secrets>;

export const FORM: readonly SettingField[] = [
  {
    name: 'address',
    label: 'Address',
    hint: 'As in the browser when Lime is open, with the name of the application.',
    example: 'https://instance.lime-crm.com/application',
    kind: 'text',
  },
  {
    name: 'apiKey',
    label: 'API key',
    hint: 'An administrator of Lime makes it, for a user of type API. What this user may not read does not appear in Tagwell.',
    kind: 'secret',
  },
  advanced('memberType', 'Object type of contacts', 'person'),
  advanced('campaignType', 'Object type of campaigns', 'campaign'),
  advanced('campaignName', 'Field with a campaign’s name', 'name'),
  advanced('participantType', 'Object type of participants', 'participant'),
  advanced('participantPerson', 'Field that links a participant to the contact', 'person'),
  advanced('participantCampaign', 'Field that links a participant to the campaign', 'campaign'),
  advanced('participantStatus', 'Field with a participant’s status', 'participantstatus'),
  advanced(
    'leftOut',
    'Statuses that do not count',
    'decline',
    'Participants with one of these statuses are not on the list. Enter their keys, separated by commas.',
  ),
  {
    name: 'organisations',
    label: 'Filters of companies',
    kind: 'choice',
    options: [
      { value: 'leave_out', label: 'Leave them out' },
      { value: 'contacts', label: 'Read all contacts of the companies' },
    ],
    advanced: true,
  },
  advanced('organisationType', 'Object type of companies', 'company'),
  advanced('memberOrganisation', 'Field that links a contact to the company', 'company'),
  advanced(
    'emailFields',
    'Fields with an email address',
    'email',
    'Separated by commas, in the order in which they are tried.',
  ),
  advanced('phoneFields', 'Fields with a phone number', 'mobilephone, phone', 'Separated by commas.'),
  advanced('inactiveField', 'Field that marks a contact as inactive', 'inactive', 'Empty: there is none.'),
  advanced(
    'filtersPath',
    'Path of saved filters',
    '/api/v1/filter/?limetype={limetype}',
    'Lime does not document it, and it may differ on your site. If it is empty, add filters as manual lists.',
  ),
  advanced('pageSize', 'Rows per call', '200', 'From 1 to 200.'),
];
