import type { NameSeparator } from '@/lib/imports/schema';

/** What separates the names in a tag column, for people. */
export const SEPARATOR_NAMES: Record<NameSeparator, string> = {
  '|': 'Vertical bar',
  ',': 'Comma',
  ';': 'Semicolon',
  ':::': 'Three colons',
  '\n': 'Line break',
};
