import { expect, it } from 'vitest';
import { initialsOf } from './initials';

it('takes the first letters of the first and the last word, whatever they are made of', () => {
  expect(initialsOf('Karin Holm')).toBe('KH');
  expect(initialsOf('Anna Maria von Essen')).toBe('AE');
  expect(initialsOf('karin.holm@example.com')).toBe('KH');
  expect(initialsOf('46701234567')).toBe('4');
  expect(initialsOf('👨‍👩‍👧 Family')).toBe('👨‍👩‍👧F');
  expect(initialsOf('שרה כהן')).toBe('שכ');
  expect(initialsOf('')).toBe('');
});
