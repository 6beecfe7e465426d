// What speaks for spam, weighed. No sign decides by itself what most people might do; together they put a submission into quarantine, where a person
// looks at it. The visitor sees the same page in any case.
import { createRequire } from 'node:module';
import { elementsOf, type Answers, type FormDocument } from './schema';

/** How much each sign counts. From 50 on (`QUARANTINE_SCORE`) a submission waits until somebody has looked at it. */
const WEIGHTS = {
  trap: 60,
  fast: 20,
  old: 10,
  'no-page': 30,
  forged: 40,
  'no-script': 10,
  program: 30,
  'many-here': 20,
  'very-many-here': 40,
  'most-here': 60,
  'many-in-all': 10,
  repeated: 30,
  // Alone it decides nothing: otherwise anyone who repeats what others write would decide about them.
  'often-repeated': 45,
  'link-in-name': 60,
  'link-in-line': 25,
  'many-links': 25,
  disposable: 20,
  unproven: 20,
} as const;
export type SpamSign = keyof typeof WEIGHTS;

/** The signs in words, for those who look at what is in quarantine. */
const SIGN_WORDS: Record<SpamSign, string> = {
  trap: 'filled in a field that people do not see',
  fast: 'sent within two seconds',
  old: 'the page was opened more than a day before',
  'no-page': 'not sent from the page of the form',
  forged: 'the mark of the page was not ours',
  'no-script': 'a browser without script',
  program: 'called itself a program',
  'many-here': 'many submissions from the same network',
  'very-many-here': 'very many submissions from the same network',
  'most-here': 'more than a thousand submissions from the same network',
  'many-in-all': 'unusually many submissions in that minute',
  repeated: 'the same texts as in others before',
  'often-repeated': 'the same texts as in many others before',
  'link-in-name': 'a link where a name was asked for',
  'link-in-line': 'a link in a short answer',
  'many-links': 'many links in a text',
  disposable: 'an address that is meant to be thrown away',
  unproven: 'the browser did not do the work that it was asked for',
};

/** In words, what counts most first. One that is no longer known stays as it was noted. */
export const signsInWords = (signs: readonly string[]): string[] =>
  signs
    .map((sign) => ({ words: SIGN_WORDS[sign as SpamSign] ?? sign, weight: WEIGHTS[sign as SpamSign] ?? 0 }))
    .sort((one, other) => other.weight - one.weight)
    .map(({ words }) => words);

/** What a proof of work takes off the score: it shows a browser, not a person. */
const PROOF_CREDIT = 20;
/** What it makes good: signs of a visit, as browsers have them too. What was entered says the same with and without it. */
const MADE_GOOD: readonly SpamSign[] = ['fast', 'old', 'no-page', 'no-script', 'program', 'many-here', 'many-in-all'];
/** From this score on a browser is asked for it, unless the form says otherwise. */
export const PROOF_SCORE = 20;

const FAST_MS = 2_000;
const OLD_MS = 86_400_000;
const MANY = { here: 20, veryHere: 100, mostHere: 1_000, inAll: 300 };
const REPEATS = { some: 3, many: 10 };
const LINKS_MAX = 3;

export type Visit = {
  /** Of the page that it was sent from. `forged`: it says that it is ours, and is not. */
  page: 'ours' | 'none' | 'forged';
  /** How long ago the page was opened; null if nothing says it. */
  ageMs: number | null;
  /** Whether the field that nobody sees was filled in. */
  isTrapped: boolean;
  hasScript: boolean;
  /** `asked`: it was asked for and not given. */
  proof: 'given' | 'asked' | 'none';
  /** Whether the visitor's program says that it is no browser. */
  isProgram: boolean;
  /** Submissions of the last ten minutes from the same network, and of the last minute to the form. */
  fromHere: number;
  inAll: number;
  /** How often the same texts were sent in the last days. */
  repeats: number;
};

const LINK =
  /(?:https?:\/\/|www\.)\S|\[url|<a\s|(?<![a-z0-9-])[a-z0-9-]+\.(?:com|net|org|info|biz|ru|cn|xyz|top|site|online|shop|icu|click)\b/i;
const LINKS = /https?:\/\/|www\.|\[url/gi;
const NAMES: readonly string[] = ['given-name', 'family-name', 'name', 'organization-title', 'address-level2'];

/** How much speaks for spam, from 0 to 100, and what. */
export function weigh(document: FormDocument, answers: Answers, visit: Visit): { score: number; signs: SpamSign[] } {
  const { ageMs } = visit;
  const present: Record<SpamSign, boolean> = {
    trap: visit.isTrapped,
    fast: ageMs !== null && ageMs < FAST_MS,
    old: ageMs !== null && ageMs > OLD_MS,
    'no-page': visit.page === 'none',
    forged: visit.page === 'forged',
    'no-script': !visit.hasScript,
    program: visit.isProgram,
    'many-here': visit.fromHere > MANY.here && visit.fromHere <= MANY.veryHere,
    'very-many-here': visit.fromHere > MANY.veryHere && visit.fromHere <= MANY.mostHere,
    'most-here': visit.fromHere > MANY.mostHere,
    'many-in-all': visit.inAll > MANY.inAll,
    repeated: visit.repeats >= REPEATS.some && visit.repeats < REPEATS.many,
    'often-repeated': visit.repeats >= REPEATS.many,
    unproven: visit.proof === 'asked',
    ...signsIn(document, answers),
  };
  const signs = (Object.keys(WEIGHTS) as SpamSign[]).filter((sign) => present[sign]);
  const weightOf = (some: readonly SpamSign[]) => some.reduce((total, sign) => total + WEIGHTS[sign], 0);
  const good = weightOf(signs.filter((sign) => MADE_GOOD.includes(sign)));
  const credit = visit.proof === 'given' ? Math.min(good, PROOF_CREDIT) : 0;
  return { score: Math.min(weightOf(signs) - credit, 100), signs };
}

type InAnswers = 'link-in-name' | 'link-in-line' | 'many-links' | 'disposable';

function signsIn(document: FormDocument, answers: Answers): Record<InAnswers, boolean> {
  const signs: Record<InAnswers, boolean> = {
    'link-in-name': false,
    'link-in-line': false,
    'many-links': false,
    disposable: false,
  };
  for (const element of elementsOf(document)) {
    const answer = answers[element.id];
    if (element.kind !== 'input' || typeof answer !== 'string') continue;
    if (element.type === 'text' && element.autofill !== 'url' && LINK.test(answer))
      signs[NAMES.includes(element.autofill ?? '') ? 'link-in-name' : 'link-in-line'] = true;
    if (element.type === 'lines' && [...answer.matchAll(LINKS)].length >= LINKS_MAX) signs['many-links'] = true;
    if (element.type === 'email' && isDisposable(answer)) signs.disposable = true;
  }
  return signs;
}

let disposable: Set<string> | undefined;

/** The list is read when the first address is looked up: most processes never need it. */
function isDisposable(address: string): boolean {
  disposable ??= new Set(
    (createRequire(import.meta.url)('disposable-email-domains-js') as { disposableEmailBlocklist: () => string[] }) // prettier-ignore
      .disposableEmailBlocklist(),
  );
  return disposable.has(address.slice(address.lastIndexOf('@') + 1));
}
