// An answer as people read it. Imports no server code.
import type { Answer, Asking } from './schema';

/** The labels of what was chosen; yes or no; or the text as it was entered. */
export function answerInWords(element: Asking, answer: Answer): string {
  if (typeof answer === 'boolean') return answer ? 'Yes' : 'No';
  if (element.kind !== 'input') return Array.isArray(answer) ? answer.join(', ') : answer;
  if (element.type === 'yesno') return answer === 'yes' ? 'Yes' : 'No';
  const labelOf = (value: string) => element.choices.find((choice) => choice.value === value)?.label || value;
  return Array.isArray(answer) ? answer.map(labelOf).join(', ') : labelOf(answer);
}
