import { expect, it } from 'vitest';
import { displayValue } from './display';

it('shows numbers with separators, dates in words, and yes or no', () => {
  expect(displayValue('number', 11766.73)).toBe('11,766.73');
  expect(displayValue('number', 8757.51)).toBe('8,757.51');
  expect(displayValue('number', 1313)).toBe('1,313');
  expect(displayValue('number', -1980)).toBe('-1,980');
  expect(displayValue('number', 2026)).toBe('2026');
  expect(displayValue('number', -0.000001)).toBe('-0.000001');
  expect(displayValue('date', '2026-11-14')).toBe('14 Nov 2026');
  expect(displayValue('date', '0805-01-02')).toBe('2 Jan 805');
  expect(displayValue('boolean', false)).toBe('No');
  expect(displayValue('text', '2026-11-14')).toBe('2026-11-14');
  expect(displayValue('date', 'not a day')).toBe('not a day');
  expect(displayValue('number', null)).toBe('');
});
