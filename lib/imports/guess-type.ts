// Suggests the type of a new attribute for a column.
import { readDate } from '@/lib/attributes/dates';
import { readNumber } from '@/lib/attributes/numbers';
import type { AttributeType } from '@/lib/attributes/schema';
import { cellText } from './cells';
import type { ColumnSample } from './schema';

const ANY_DAY = { today: '2000-01-01', past: false, shortYears: 'future' } as const;
/** Longer numbers without a decimal sign are codes and telephone numbers. */
const NUMBER_DIGITS = 8;

/** The type of a new attribute for the column. Digits that may be a code (0123, phone numbers) are text. */
export function guessType({ samples }: ColumnSample): AttributeType {
  const cells = samples.map((sample) => cellText(sample));
  if (cells.length === 0) return 'text';
  const isCode = (cell: string) =>
    /^[+'(]?0\d/.test(cell) || cell.replace(/[.,]\d+$/, '').replace(/\D/g, '').length > NUMBER_DIGITS;
  const isDay = (cell: string) => ['day', 'orders'].includes(readDate(cell, ANY_DAY)?.kind ?? '');
  if (cells.every((cell) => /\D/.test(cell) && isDay(cell))) return 'date';
  return cells.every((cell) => readNumber(cell) && !isCode(cell)) ? 'number' : 'text';
}
