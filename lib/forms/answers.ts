// Reads what a visitor sent: one typed answer for each element that is shown, and what is wrong, by element.
import type { CountryCode } from 'libphonenumber-js/max';
import { parseDate, parseNumber, type Notation, NO_COLUMN } from '@/lib/attributes/values';
import { normaliseKey } from '@/lib/profiles/keys';
import { COMPOSED_MAX, canonicalText, withoutHidden } from '@/lib/text/canonical';
import { storable } from '@/lib/text/storable';
import { LINES_MAX, textMaxOf } from './limits';
import type { AnswerProblem } from './render';
import { elementsOf, isAsking, type Answer, type Answers, type Asking, type FormDocument, type Input } from './schema';
import { enteredIn, isTicked, NO, shownIds, YES, type Entered } from './shown';
import type { Language, TextKey } from './texts';

const HIDDEN_MAX = 500;

// oxlint-disable-next-line no-control-regex -- they are what is taken out
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** The answers to a form, and what is wrong with them. Fields that the form does not have are ignored. */
export function readAnswers(
  document: FormDocument,
  sent: URLSearchParams,
): { answers: Answers; problems: AnswerProblem[] } {
  return readEntered(document, enteredIn(document, sent));
}

/** The same of what has been sorted by element already. */
export function readEntered(document: FormDocument, entered: Entered): { answers: Answers; problems: AnswerProblem[] } {
  const shown = shownIds(document, entered);
  const answers: [string, Answer][] = [];
  const problems: AnswerProblem[] = [];
  for (const element of elementsOf(document)) {
    if (!isAsking(element) || !shown.has(element.id)) continue;
    const { answer, problem } = read(element, entered.get(element.id) ?? [], document.language);
    if (answer !== undefined) answers.push([element.id, answer]);
    if (problem) problems.push({ elementId: element.id, ...problem });
  }
  return { answers: Object.fromEntries(answers), problems };
}

type Problem = Omit<AnswerProblem, 'elementId'>;
type Read = { answer?: Answer; problem?: Problem };

const wrong = (key: TextKey, values?: Problem['values']): Read => ({ problem: { key, ...(values && { values }) } });

function read(element: Asking, entered: readonly string[], language: Language): Read {
  switch (element.kind) {
    case 'input':
      return readInput(element, entered, language);
    case 'consent':
    case 'terms': {
      const ticked = isTicked(entered);
      const needed = element.kind === 'terms' || element.required;
      return needed && !ticked ? wrong('neededTick') : { answer: ticked };
    }
    case 'hidden': {
      const text = oneLine(entered[0] ?? '');
      const isAllowed = element.allowed.length === 0 || element.allowed.includes(text);
      return text !== '' && text.length <= HIDDEN_MAX && isAllowed ? { answer: text } : {};
    }
  }
}

function readInput(input: Input, entered: readonly string[], language: Language): Read {
  const { type, required, country } = input;
  switch (type) {
    case 'choice':
    case 'several': {
      const given = entered.filter((value) => value !== '');
      const chosen = input.choices.map(({ value }) => value).filter((value) => given.includes(value));
      if (given.length === 0) return required ? wrong('neededChoice') : {};
      if (chosen.length < given.length) return wrong('notChoice');
      return { answer: type === 'several' ? chosen : chosen[0]! };
    }
    case 'yesno': {
      const given = entered[0] ?? '';
      if (given === '') return required ? wrong('neededChoice') : {};
      return given === YES || given === NO ? { answer: given === YES } : wrong('notChoice');
    }
    default: {
      const text = (entered[0] ?? '').trim();
      if (text === '') return required ? wrong('needed') : {};
      return readText(type, text, { required, language, country, max: textMaxOf(input) });
    }
  }
}

type TextType = Exclude<Input['type'], 'choice' | 'several' | 'yesno'>;

function readText(
  type: TextType,
  text: string,
  { required, language, country, max }: { required: boolean; language: Language; country: string | null; max: number },
): Read {
  const empty: Read = required ? wrong('needed') : {};
  switch (type) {
    case 'text':
    case 'lines': {
      const cleaned = type === 'text' ? oneLine(text) : lines(text);
      if (cleaned.length > max) return wrong('tooLong', { max });
      return cleaned === '' ? empty : { answer: cleaned };
    }
    case 'email':
    case 'mobile': {
      // As it is sent: a line break in an address is refused, not taken out.
      const written = type === 'mobile' ? inOurDigits(text) : text;
      const key = normaliseKey(type, written, (country as CountryCode | null) ?? undefined);
      return key.ok ? { answer: key.key } : wrong(type === 'email' ? 'notEmail' : 'notMobile');
    }
    case 'number': {
      // As people of the language write it; otherwise as it can be read in one way only.
      const written = inOurDigits(text);
      const usual = parseNumber(written, notationOf(language));
      const number = typeof usual === 'number' ? usual : parseNumber(written);
      return typeof number === 'number' && Number.isFinite(number) ? { answer: String(number) } : wrong('notNumber');
    }
    case 'date': {
      const day = parseDate(inOurDigits(text), notationOf(language));
      return typeof day === 'string' ? { answer: day } : wrong('notDate');
    }
  }
}

/** Digits as keyboards of Arabic, Persian and of East Asia have them, with the signs of Arabic numbers. */
const inOurDigits = (text: string): string =>
  text
    .replace(/[\u0660-\u0669\u06f0-\u06f9\uff10-\uff19]/g, (digit) => String(digit.charCodeAt(0) & 0xf))
    .replaceAll('\u066b', '.')
    .replaceAll('\u066c', '');

/** How people of a language write numbers and days where nothing else shows it. */
const notationOf = (language: Language): Notation => ({
  ...NO_COLUMN,
  decimal: language === 'en' || language === 'ar' ? '.' : ',',
  dates: 'dmy',
});

/** A number as people of the language write it. */
export const numberAsEntered = (number: number, language: Language): string =>
  String(number).replace('.', notationOf(language).decimal ?? '.');

/** A text of one line, as it is stored. */
function oneLine(text: string): string {
  const plain = storable(withoutHidden(text.slice(0, LINES_MAX * 2)))
    .replace(/\s+/g, ' ')
    .replace(CONTROLS, '');
  return (plain.length > COMPOSED_MAX ? plain : canonicalText(plain)).trim();
}

/** A text with its line breaks. */
const lines = (text: string): string =>
  withoutHidden(
    storable(text.slice(0, LINES_MAX * 3))
      .replace(/\r\n?/g, '\n')
      .replace(CONTROLS, ''),
  ).trim();
