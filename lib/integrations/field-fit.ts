// Which fields of a CRM can set which attributes, and what of their values is lost. Imports no server code.
import type { AttributeType } from '@/lib/attributes/schema';
import type { FieldType } from './connector';

const NOT_NUMBERS = 'Values that are not numbers are left out.';
const NOT_CHOICES = 'Values that are not one of the attribute’s choices are left out.';
const AS_CODE = 'It gets the value that the CRM stores, which may be a code and not its name.';

/** '' if nothing is lost. Types that are missing do not fit. */
const FITS: Record<FieldType, Partial<Record<AttributeType, string>>> = {
  text: {
    text: '',
    number: NOT_NUMBERS,
    date: 'Values that are not dates are left out.',
    boolean: 'Values other than yes or no are left out.',
    choice: NOT_CHOICES,
  },
  integer: { number: '', text: '', choice: NOT_CHOICES },
  decimal: { number: '', text: '' },
  boolean: { boolean: '', text: 'It becomes the text “true” or “false”.' },
  date: { date: '', text: 'It becomes text, such as 2026-11-25.' },
  date_time: {
    date: 'The time of day is lost, and the day is that of UTC.',
    text: 'It becomes text, with the time in UTC.',
  },
  choice: { choice: NOT_CHOICES, text: AS_CODE, number: NOT_NUMBERS },
  choices: { text: 'Several choices become one text, with commas between them.' },
  reference: { text: 'It gets the ID of the other record, not its name.', number: NOT_NUMBERS },
};

/** What is lost if a field of this type sets an attribute of that type, for a person; '' if nothing; null if it does not fit. */
export const lossOf = (field: FieldType, attribute: AttributeType): string | null => FITS[field][attribute] ?? null;
