// Answers as API clients give them, read by the form's own rules: what a page would send for each, and what is wrong in the form's words.
import { readEntered, numberAsEntered } from '@/lib/forms/answers';
import { elementsOf, isAsking, type Answers, type Asking, type FormDocument } from '@/lib/forms/schema';
import { NO, YES } from '@/lib/forms/shown';
import { textOf } from '@/lib/forms/texts';

/** What a client may give for a question. */
export type GivenAnswer = string | number | boolean | readonly string[];

/** Something wrong: `pointer` names the answer. */
export type GivenProblem = { pointer: string; detail: string };

const pointerOf = (id: string): string => `answers.${id}`;

/** The answers, or everything that is wrong with them. Those of questions that the other answers leave out are left out, as on the page. */
export function readGiven(
  document: FormDocument,
  given: Readonly<Record<string, GivenAnswer>>,
): { ok: true; answers: Answers } | { ok: false; problems: [GivenProblem, ...GivenProblem[]] } {
  const questions = new Map(
    elementsOf(document).flatMap((element) => (isAsking(element) ? [[element.id, element]] : [])),
  );
  const problems: GivenProblem[] = [];
  const entered = new Map<string, string[]>();
  for (const [id, answer] of Object.entries(given)) {
    const question = questions.get(id);
    const sent = question ? asEntered(question, answer, document) : `This form has no question “${id.slice(0, 100)}”.`;
    if (typeof sent === 'string') problems.push({ pointer: pointerOf(id.slice(0, 100)), detail: sent });
    else entered.set(id, sent);
  }
  const [first, ...others] = problems;
  if (first) return { ok: false, problems: [first, ...others] };
  const read = readEntered(document, entered);
  const [wrong, ...more] = read.problems.map(({ elementId, key, values }) => ({
    pointer: pointerOf(elementId),
    detail: `${nameOf(questions.get(elementId)!)}: ${textOf(document, key, values)}`,
  }));
  return wrong ? { ok: false, problems: [wrong, ...more] } : { ok: true, answers: read.answers };
}

const nameOf = (question: Asking): string => (question.kind === 'hidden' ? question.parameter : question.label);

/** What a page would send, or why the answer is of the wrong type. */
function asEntered(question: Asking, answer: GivenAnswer, { language }: FormDocument): string[] | string {
  const type = question.kind === 'input' ? question.type : question.kind;
  switch (type) {
    case 'consent':
    case 'terms':
      if (typeof answer !== 'boolean') return 'Send true or false.';
      return answer ? [YES] : [];
    case 'yesno':
      if (typeof answer !== 'boolean') return 'Send true or false.';
      return [answer ? YES : NO];
    case 'several':
      return typeof answer === 'object' ? [...new Set(answer)] : 'Send a list of values.';
    case 'number':
      if (typeof answer === 'number') return [numberAsEntered(answer, language)];
      return typeof answer === 'string' ? [answer] : 'Send a number.';
    default:
      return typeof answer === 'string' ? [answer] : 'Send a text.';
  }
}
