// The name of a value before it, in one line. Imports nothing.

/** 'Size' → 'Size: '. What ends as a sentence keeps only a question or exclamation mark: 'How many? ', 'Yes, I agree: '. */
export function beforeValue(name: string): string {
  const text = name.trim();
  if (text === '') return '';
  return /[?!？！؟]$/.test(text) ? `${text} ` : `${text.replace(/[\s.:：。…]+$/, '')}: `;
}
