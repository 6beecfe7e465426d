import { expect, it } from 'vitest';
import { beforeValue } from './before-value';

it.each([
  ['Size', 'Size: '],
  ['Yes, I agree.', 'Yes, I agree: '],
  ['How many people?', 'How many people? '],
  ['Name:', 'Name: '],
  ['Name :', 'Name: '],
  ['', ''],
])('%j stands before a value as %j', (name, before) => {
  expect(beforeValue(name)).toBe(before);
});
