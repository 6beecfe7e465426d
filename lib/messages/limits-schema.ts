// How many marketing messages somebody gets at most, across all messages and flows of a section. Imports no server code.
import { z } from 'zod';

const LimitSchema = z
  .object({
    most: z.int('Enter a whole number.').min(1, 'Enter 1 or more.').max(1_000, 'Enter a smaller number.'),
    days: z.int('Enter a whole number.').min(1, 'Enter 1 or more.').max(365, 'Enter at most 365 days.'),
  })
  .nullable()
  .default(null);
export type Limit = NonNullable<z.output<typeof LimitSchema>>;

/** By channel; null: as many as there are. Service messages are neither counted nor held back. */
export const SendLimitsSchema = z.object({ email: LimitSchema, sms: LimitSchema });
export type SendLimits = z.output<typeof SendLimitsSchema>;

const NAMES = { email: ['email', 'emails'], sms: ['SMS', 'SMS'] } as const;

/** 'at most 3 emails in 7 days'. */
export const limitInWords = ({ most, days }: Limit, channel: keyof SendLimits): string =>
  `at most ${most.toLocaleString('en-GB')} ${NAMES[channel][most === 1 ? 0 : 1]} in ${days === 1 ? 'a day' : `${days} days`}`;
