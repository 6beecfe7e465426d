// Settings of a system that serves the connector contract.
import { z } from 'zod';
import type { SettingField } from '../connector';
import { pageSizeUpTo } from '../page-size';
import { advanced, fieldNames, webAddress } from '../setting-types';

const PATH = '/apsisendpoint/v1';

export const Settings = z.object({
  /** With the path of the contract. */
  address: webAddress('Enter the address of the system, such as https://shop.example.com').transform((address) =>
    /\/v\d+$/.test(address) ? address : `${address}${PATH}`,
  ),
  emailFields: fieldNames('Enter the name of the field with the email address.').default(['email']),
  phoneFields: fieldNames('Enter the name of the field with the phone number.').default(['phone']),
  pageSize: pageSizeUpTo(1_000).default(200),
});
export type Settings = z.infer<typeof Settings>;

export const Secrets = z.object({ apiKey: z.string().trim().min(1, 'Enter the API key.') });
export type Secrets = z.infer<typeof Secrets>;

export const FORM: readonly SettingField[] = [
  {
    name: 'address',
    label: 'Address',
    hint: `The address at which the system serves the connector contract. ${PATH} is added unless it ends in a version, such as /v2. What the system must serve is in docs/connectors.md, which comes with Tagwell.`,
    example: 'https://shop.example.com',
    kind: 'text',
  },
  { name: 'apiKey', label: 'API key', kind: 'secret' },
  advanced(
    'emailFields',
    'Fields with an email address',
    'email',
    'Separated by commas, in the order in which they are tried.',
  ),
  advanced('phoneFields', 'Fields with a phone number', 'phone'),
  advanced('pageSize', 'People per call', '200', 'From 1 to 1000.'),
];
