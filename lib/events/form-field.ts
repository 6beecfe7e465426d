// How answers to forms are named as fields of the event 'Form: submitted'. Imports no server code, so that the builder of segments can use it.
import type { FormId } from '@/lib/db/ids';

/** The field by which the form is chosen. Its value is the form's id. */
export const FORM_FIELD = 'form';

/** The code of a question's answer: `7.budget`. Codes of other fields have no full stop. */
export const answerCode = (formId: FormId, id: string): string => `${formId}.${id}`;

/** The form and the question of a code; null if it is none of an answer. */
export function answerOf(code: string): { formId: FormId; id: string } | null {
  const found = /^([1-9]\d{0,8})\.([a-z0-9]{1,20})$/.exec(code);
  return found ? { formId: Number(found[1]) as FormId, id: found[2]! } : null;
}
