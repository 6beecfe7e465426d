import type { FormDocument } from '@/lib/forms/schema';
import type { TextKey } from '@/lib/forms/texts';

/** A form's own words with others at one place; without any, it has those of its language. */
export function withText(texts: FormDocument['texts'], key: TextKey, words: string): FormDocument['texts'] {
  const { [key]: _before, ...others } = texts;
  return words === '' ? others : { ...others, [key]: words };
}
