// Answers to forms in the rules of segments: the same people as by a plain evaluation of what each has answered.
import { randomUUID } from 'node:crypto';
import { beforeAll, expect, it } from 'vitest';
import { valueOf } from '@/lib/access/refusal';
import type { Comparison } from '@/lib/attributes/comparison';
import type { EventTypeId, FormId, ProfileId, SectionId } from '@/lib/db/ids';
import { pool } from '@/lib/db/pool';
import { execute, one, sql } from '@/lib/db/sql';
import { openRules } from '@/lib/segments/definitions';
import { explainFor } from '@/lib/segments/explain';
import { vocabularyOf } from '@/lib/segments/vocabulary';
import { namesIn, rulesInWords } from '@/lib/segments/words';
import { createTestAccount, createTestProfiles, type TestAccount } from '@/testing/fixtures';
import { TestForms, type Draft } from '@/testing/forms';
import { allOf, did, membersIn, rulesOf } from '@/testing/segments';
import { deleteForm } from './commands';
import type { OpenForm } from './open';
import { readAnswerFields } from './reads';
import type { Answer, Answers } from './schema';

const PEOPLE = 40;
let account: TestAccount;
let sectionId: SectionId;
let forms: TestForms;
let submitted: EventTypeId;
let [form, other]: OpenForm[] = [];
let people: ProfileId[];
/** What each has answered to the form, in the order of the submissions. */
let given: { profileId: ProfileId; answers: Answers }[];

const CHOICES = ['Over 1000', 'Up to 1000', 'none'];

const asking = (more: object[] = [], budget: 'text' | 'number' = 'number'): Draft => {
  const ask = (id: string, type: string, label: string, choices: string[] = []) => ({
    ...{ id, kind: 'input', type, label, choices: choices.map((value) => ({ value })) },
  });
  const document = forms.document();
  const [step] = document.steps;
  return {
    ...document,
    steps: [
      {
        ...step!,
        elements: [
          ...step!.elements,
          ask('team', budget, 'How many people?'),
          ask('day', 'date', 'When?'),
          ask('budget', 'choice', 'Your budget', CHOICES),
          ask('wants', 'several', 'What do you want?', ['Boots', 'Tents', 'Maps']),
          ask('call', 'yesno', 'May we call?'),
          ...more,
        ] as Draft['steps'][number]['elements'],
      },
    ],
  };
};

beforeAll(async () => {
  account = await createTestAccount();
  ({ sectionId } = account);
  forms = await TestForms.open(account);
  const gone = { id: 'word', kind: 'input', type: 'text', label: 'In a word' };
  // 'How many people?' was a text at first, and 'In a word' is no longer asked.
  const first = await forms.form(asking([gone], 'text'));
  form = await forms.change(first.formId, asking());
  other = await forms.form(asking());
  people = await createTestProfiles(sectionId, PEOPLE);
  given = people.flatMap((profileId, nth) => [
    { profileId, answers: answersOf(nth) },
    ...(nth % 9 === 0 ? [{ profileId, answers: answersOf(nth * 7 + 3) }] : []),
  ]);
  for (const { profileId, answers } of given) await add(form.formId, profileId, answers);
  // The same answers to another form say nothing.
  for (const profileId of people)
    await add(other.formId, profileId, { budget: 'Over 1000', team: '99', wants: ['Maps'] });
  ({ id: submitted } = await one<{ id: EventTypeId }>(
    pool(),
    sql`select id from event_type where section_id = ${sectionId} and built_in = 'submitted'`,
  ));
});

function answersOf(nth: number): Answers {
  const wants = ['Boots', 'Tents', 'Maps'].filter((_, at) => (nth >> at) % 2 === 1);
  return {
    ...(nth % 5 > 0 && { first: ['Åsa', 'ANNA', 'anna', 'p%r'][nth % 4]! }),
    ...(nth % 3 > 0 && { team: nth % 7 === 0 ? 'a few' : String(((nth * 13) % 21) / 2 - 3) }),
    ...(nth % 4 > 0 && { day: `2026-0${(nth % 9) + 1}-15` }),
    ...(nth % 6 > 0 && { budget: nth % 11 === 1 ? ['Over 1000'] : CHOICES[nth % 3]! }),
    ...(nth % 8 > 0 && { wants: nth % 13 === 1 ? 'Maps' : wants }),
    ...(nth % 2 > 0 && { call: nth % 3 === 0 }),
    ...(nth % 10 === 4 && { word: 'great' }),
    news: nth % 2 === 0,
  };
}

const add = (formId: FormId, profileId: ProfileId, answers: Answers) =>
  execute(
    pool(),
    sql`
      insert into form_submission (section_id, form_id, version, once, state, answers, at, profile_id)
      values (
        ${sectionId}, ${formId}, 1, ${Buffer.from(randomUUID())}, 'done', ${JSON.stringify(answers)}, ${new Date()}, ${profileId}
      )`,
  );

/** A plain evaluation of one answer. */
function holds(answer: Answer | undefined, compare: Comparison, isChoice: boolean): boolean {
  if (isChoice) {
    const chosen = Array.isArray(answer) ? answer : typeof answer === 'string' ? [answer] : [];
    const any = (test: Comparison) => chosen.some((one) => holds(one, test, false));
    switch (compare.test) {
      case 'is_not':
        return !any({ test: 'is', text: compare.text });
      case 'none_of':
        return !any({ test: 'one_of', texts: compare.texts });
      case 'empty':
        return chosen.length === 0;
      default:
        return any(compare);
    }
  }
  const text = typeof answer === 'string' ? answer : '';
  const low = text.toLowerCase();
  const number = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  switch (compare.test) {
    case 'is':
      return text !== '' && low === compare.text.toLowerCase();
    case 'is_not':
      return low !== compare.text.toLowerCase();
    case 'contains':
      return low.includes(compare.text.toLowerCase());
    case 'one_of':
      return compare.texts.some((each) => each.toLowerCase() === low);
    case 'at_least':
      return number >= compare.number;
    case 'below':
      return number < compare.number;
    case 'between':
      return number >= compare.from && number <= compare.to;
    case 'before':
      return text !== '' && text < compare.date;
    case 'on':
      return text === compare.date;
    case 'yes':
      return answer === true;
    case 'no':
      return answer === false;
    case 'empty':
      return answer === undefined;
    case 'not_empty':
      return answer !== undefined;
    default:
      throw new Error(`The plain evaluation has no ${compare.test}.`);
  }
}

const about = (id: string, compare: Comparison, more: object = {}) =>
  did(submitted, {
    fields: [
      { code: 'form', compare: { test: 'is', text: String(form!.formId) } },
      { code: `${form!.formId}.${id}`, compare },
    ],
    ...more,
  });

const CASES: [id: string, compare: Comparison][] = [
  ['first', { test: 'is', text: 'anna' }],
  ['first', { test: 'is_not', text: 'anna' }],
  ['first', { test: 'contains', text: '%' }],
  ['first', { test: 'empty' }],
  ['team', { test: 'at_least', number: 2 }],
  ['team', { test: 'below', number: 0 }],
  ['team', { test: 'between', from: -1.5, to: 3 }],
  ['day', { test: 'before', date: '2026-05-15' }],
  ['day', { test: 'on', date: '2026-03-15' }],
  ['day', { test: 'not_empty' }],
  ['budget', { test: 'is', text: 'over 1000' }],
  ['budget', { test: 'is_not', text: 'none' }],
  ['budget', { test: 'one_of', texts: ['none', 'Up to 1000'] }],
  ['budget', { test: 'empty' }],
  ['wants', { test: 'is', text: 'Maps' }],
  ['wants', { test: 'is_not', text: 'Tents' }],
  ['wants', { test: 'none_of', texts: ['Boots', 'Tents'] }],
  ['wants', { test: 'empty' }],
  ['wants', { test: 'not_empty' }],
  ['call', { test: 'yes' }],
  ['call', { test: 'no' }],
  ['news', { test: 'yes' }],
  ['word', { test: 'is', text: 'great' }],
];

it('are compared by their types, as a plain evaluation does it', async () => {
  for (const [id, compare] of CASES) {
    const isChoice = id === 'budget' || id === 'wants';
    const matching = given.filter(({ answers }) => holds(answers[id], compare, isChoice));
    const expected = people.filter((person) => matching.some(({ profileId }) => profileId === person));
    const name = `${id} ${JSON.stringify(compare)}`;
    expect({ name, members: await membersIn(sectionId, rulesOf(about(id, compare))) }).toEqual({
      name,
      members: expected,
    });
    const without = people.filter((person) => !expected.includes(person));
    const notDone = await membersIn(sectionId, rulesOf(about(id, compare, { test: 'did_not' })));
    expect({ name, members: notDone }).toEqual({ name, members: without });
    const twice = people.filter((person) => matching.filter(({ profileId }) => profileId === person).length > 1);
    const often = about(id, compare, { times: { is: 'at_least', count: 2 } });
    expect({ name, members: await membersIn(sectionId, rulesOf(often)) }).toEqual({ name, members: twice });
  }
});

it('two of one submission are asked of the same one, and one person is explained', async () => {
  const fields = [
    ...about('budget', { test: 'is', text: 'Over 1000' }).fields,
    ...about('call', { test: 'yes' }).fields.slice(1),
  ];
  const rules = rulesOf(allOf(did(submitted, { fields })));
  const expected = people.filter((person) =>
    given.some(
      ({ profileId, answers: { budget, call } }) => profileId === person && budget === 'Over 1000' && call === true,
    ),
  );
  expect(expected.length).toBeGreaterThan(0);
  expect(await membersIn(sectionId, rules)).toEqual(expected);
  const opened = { rules, definitions: await openRules(pool(), sectionId, rules) };
  const explained = await explainFor(pool(), sectionId, opened, expected[0]!);
  expect(explained).toMatchObject({ holds: true });
});

it('are named also when they are no longer asked, or their form is deleted; the form has to be chosen', async () => {
  const code = (id: string) => `${form!.formId}.${id}`;
  const fields = valueOf(await readAnswerFields(account.marketer, { sectionId, formId: String(form!.formId) }));
  expect(fields.map(({ code: of, name, type }) => [of, name, type])).toEqual([
    [code('email'), 'Email', 'text'],
    [code('first'), 'First name', 'text'],
    [code('like'), 'What do you like?', 'choice'],
    [code('news'), 'Yes, send me news', 'boolean'],
    [code('team'), 'How many people?', 'number'],
    [code('day'), 'When?', 'date'],
    [code('budget'), 'Your budget', 'choice'],
    [code('wants'), 'What do you want?', 'choice'],
    [code('call'), 'May we call?', 'boolean'],
    [code('word'), 'In a word', 'text'],
  ]);
  valueOf(await deleteForm(account.marketer, { sectionId, formId: form!.formId }));
  const rules = rulesOf(about('word', { test: 'is', text: 'great' }));
  const vocabulary = await vocabularyOf(pool(), { accountId: account.accountId, sectionId }, [rules]);
  expect(rulesInWords(rules, namesIn(vocabulary))).toMatch(
    /^Everyone who has the event Form: submitted where Form is “Form .*” and In a word is “great”\.$/,
  );
  const refused = (reason: string) =>
    expect.objectContaining({ message: expect.stringContaining(reason) as string }) as unknown;
  const alone = about('word', { test: 'is', text: 'great' });
  const open = (node: typeof alone) => openRules(pool(), sectionId, rulesOf(node));
  await expect(open({ ...alone, fields: alone.fields.slice(1) })).rejects.toEqual(refused('Choose the form'));
  await expect(open(about('word', { test: 'at_least', number: 1 }))).rejects.toEqual(refused('of the type text'));
  await expect(open(about('never', { test: 'not_empty' }))).rejects.toEqual(refused('does not exist'));
});
