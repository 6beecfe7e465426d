// Values as a page shows them. For the text to edit, see `formatAttributeValue` (values.ts).
import type { AttributeType, AttributeValue } from './schema';
import { formatAttributeValue } from './values';

const grouped = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 20 });

/** '8,757.51'. What may be a year stays as it is: '2026'. */
export const displayNumber = (value: number): string =>
  Number.isInteger(value) && value >= 1900 && value < 2100 ? String(value) : grouped.format(value);

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });

/** '11,766.73', '14 Nov 2026', 'Yes'; '' for no value. */
export function displayValue(type: AttributeType, value: AttributeValue | null | undefined): string {
  if (type === 'number' && typeof value === 'number') return displayNumber(value);
  if (type === 'date' && typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value)) return displayDay(value);
  return formatAttributeValue(value);
}

/** The same for a value whose type is not known: dates stay as they are stored. */
export const displayAnyValue = (value: AttributeValue | null | undefined): string =>
  displayValue(typeof value === 'number' ? 'number' : 'text', value);

/** '14 Nov 2026', from '2026-11-14'. */
export function displayDay(iso: string): string {
  const date = new Date(`${iso}T00:00:00Z`);
  return Number.isNaN(date.getTime()) ? iso : day.format(date);
}
