// What a visitor sent by a form: the next step, what is wrong, or a submission that is taken. Nothing that they entered is lost on the way.
import { createHash } from 'node:crypto';
import { acceptSubmission, ProofUsedError, QUARANTINE_SCORE, repeatsOf } from './accept';
import { readEntered } from './answers';
import { openVersion, type OpenForm } from './open';
import { pageToken, readPageToken, trapOf, type ShownPage } from './page-token';
import { isProgram } from './programs';
import { checkProof } from './proof';
import { Rates } from './rates';
import { FIELDS, type AnswerProblem } from './render';
import { elementsOf, type Answers, type Step } from './schema';
import { enteredIn, shownIds, stepsToShow, type Entered } from './shown';
import { PROOF_SCORE, weigh, type Visit } from './spam';

/** `query`: of the address that it was sent to. `network`: where it came from, as far as rates are about. */
export type SentForm = {
  sent: URLSearchParams;
  query: URLSearchParams;
  agent: string;
  network: string;
  referrer: string;
  now: Date;
};

/** `form`: as it was in the version that was filled in. */
export type Outcome = { form: OpenForm; token: string; entered: Entered } & (
  | { is: 'shown'; stepId: string; problems: readonly AnswerProblem[] }
  /** The browser has to work a little first. */
  | { is: 'to-prove'; stepId: string }
  | { is: 'taken'; answers: Answers }
);

const DAY_MS = 86_400_000;
const REPEATS_DAYS = 3;
/** How a browser says that it can do the work that is asked of it. */
const CAN_PROVE = 'p';

const [here, inAll] = [new Rates(10 * 60_000), new Rates(60_000)];

/** Reads what was sent and takes it if all is well. Throws if it cannot be stored just now. */
export async function submit(current: OpenForm, by: SentForm): Promise<Outcome> {
  const { sent, now } = by;
  const { form, page } = await filledIn(current, sent, now);
  const { document } = form;
  const entered = withParameters(form, enteredIn(document, sent), by.query);
  const isFresh = page !== null && now.getTime() - page.at.getTime() < DAY_MS;
  const token = isFresh ? sent.get(FIELDS.token)! : pageToken(form, now);
  const steps = stepsToShow(document, shownIds(document, entered));
  const at = placeOf(steps, sent.get(FIELDS.step));
  const show = (step: Step, problems: readonly AnswerProblem[] = []): Outcome => ({
    is: 'shown',
    form,
    token,
    entered,
    stepId: step.id,
    problems,
  });
  if (sent.get(FIELDS.go) === 'back') return show(steps[Math.max(at - 1, 0)]!);
  const { answers, problems } = readEntered(document, entered);
  const wrong = steps.slice(0, at + 1).find(({ elements }) => elements.some((one) => isAbout(problems, one.id)));
  if (wrong) return show(wrong, problems);
  const next = steps[at + 1];
  if (next) return show(next);
  const proof = await checkProof(form, sent.get(FIELDS.proof) ?? '');
  const repeats = await repeatsOf(form, answers, new Date(now.getTime() - REPEATS_DAYS * DAY_MS));
  // From here until they are counted nothing is waited for: of a hundred that come at once each counts those before it.
  const visit = visitOf(form, page, by, repeats);
  const take = async (given: Buffer | null): Promise<Outcome> => {
    const { score } = weigh(document, answers, { ...visit, proof: given ? 'given' : 'none' });
    const isAsked = document.proof === 'always' || (document.proof === 'auto' && score >= PROOF_SCORE);
    if (isAsked && given === null && sent.get(FIELDS.script) === CAN_PROVE)
      return { is: 'to-prove', form, token, entered, stepId: steps[at]!.id };
    here.add(by.network, now.getTime());
    inAll.add(String(form.formId), now.getTime());
    // A form that asks only where something speaks for spam has counted that already.
    const asked = document.proof === 'always' ? 'asked' : 'none';
    const weighed = weigh(document, answers, { ...visit, proof: given ? 'given' : asked });
    const once = onceOf(form, page, answers, { score: weighed.score, now });
    const repeatedSince = new Date(now.getTime() - REPEATED_MS);
    const [via, { referrer }] = [page ? ('page' as const) : ('html' as const), by];
    await acceptSubmission({ form, answers, once, proof: given, via, referrer, ...weighed, repeatedSince, now });
    return { is: 'taken', form, token, entered, answers };
  };
  try {
    return await take(proof);
  } catch (error) {
    if (!(error instanceof ProofUsedError)) throw error;
    // What was entered is another submission, and as good as one without a proof.
    return take(null);
  }
}

/** Somebody who goes back and sends the same again, perhaps from a page that was loaded again. */
const REPEATED_MS = 10 * 60_000;

/** What was filled in: a visitor who began with a version that has lately been replaced continues with it. `page`: that it was sent from. */
export async function filledIn(
  current: OpenForm,
  sent: URLSearchParams,
  now: Date,
): Promise<{ form: OpenForm; page: ShownPage | null }> {
  const page = pageOf(current, sent.get(FIELDS.token) ?? '');
  return { form: (page && (await openVersion(current, page.version, now))) ?? current, page };
}

/** The page that it was sent from; null if that was none of this form. */
function pageOf({ sectionId, formId }: OpenForm, token: string): ShownPage | null {
  const page = readPageToken(token);
  return page?.sectionId === sectionId && page.formId === formId ? page : null;
}

/** With what comes by the address, for forms that are not on our page. */
export function withParameters({ document }: OpenForm, entered: Entered, query: URLSearchParams): Entered {
  const parameters = elementsOf(document).flatMap((element): [string, string[]][] => {
    if (element.kind !== 'hidden' || entered.has(element.id) || element.parameter === '') return [];
    const value = query.get(element.parameter)?.trim() ?? '';
    const isAllowed = value !== '' && (element.allowed.length === 0 || element.allowed.includes(value));
    return isAllowed ? [[element.id, [value]]] : [];
  });
  return parameters.length === 0 ? entered : new Map([...entered, ...parameters]);
}

/** A form that says no step sends all of them. */
function placeOf(steps: readonly Step[], stepId: string | null): number {
  if (stepId === null) return steps.length - 1;
  return Math.max(
    steps.findIndex(({ id }) => id === stepId),
    0,
  );
}

const isAbout = (problems: readonly AnswerProblem[], elementId: string): boolean =>
  problems.some((problem) => problem.elementId === elementId);

function visitOf(
  form: OpenForm,
  page: ShownPage | null,
  { sent, agent, network, now }: SentForm,
  repeats: number,
): Omit<Visit, 'proof'> {
  const time = now.getTime();
  return {
    page: page ? 'ours' : sent.get(FIELDS.token) ? 'forged' : 'none',
    ageMs: page && time - page.at.getTime(),
    isTrapped: (sent.get(trapOf(form)) ?? '') !== '',
    hasScript: (sent.get(FIELDS.script) ?? '') !== '',
    isProgram: isProgram(agent),
    fromHere: here.of(network, time) + 1,
    inAll: inAll.of(String(form.formId), time) + 1,
    repeats,
  };
}

/**
 * The same of the same page and answers, so that a double click, back and reload are one submission. Without a page, the same answers of one day are; but not
 * those that look like spam, so that nobody is taken for a repetition of what a program sent in their name.
 */
function onceOf(
  { formId, version }: OpenForm,
  page: ShownPage | null,
  answers: Answers,
  { score, now }: { score: number; now: Date },
): Buffer {
  const hash = createHash('sha256');
  if (page) hash.update(page.nonce);
  else
    hash.update(`${formId} ${version} ${now.toISOString().slice(0, 10)} ${score >= QUARANTINE_SCORE ? 'spam ' : ''}`);
  return hash.update(JSON.stringify(answers)).digest();
}
