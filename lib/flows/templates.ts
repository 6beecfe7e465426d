// What a new flow can start from: whole trees, in which the tags, messages and forms are to be chosen. Imports no server code, so that the page
// of a new flow shows what is in each.
import type { Attribute } from '@/lib/attributes/schema';
import { FlowDocumentSchema, FlowSettingsSchema, type FlowDocument, type FlowSettings } from './schema';

export const TEMPLATES = ['welcome', 'onboarding', 'won_back', 'webinar', 'birthday', 'lead', 'empty'] as const;
export type Template = (typeof TEMPLATES)[number];

/** `hint`: what it does. `called`: a name that a flow of it may have. */
export const TEMPLATE_WORDS: Record<Template, { name: string; hint: string; called: string }> = {
  welcome: {
    name: 'Welcome',
    hint: 'Somebody gets a tag: a first mail at once, a second one after two days, another for a few of them.',
    called: 'Welcome',
  },
  onboarding: {
    name: 'Onboarding',
    hint: 'Three mails over two weeks, for as long as somebody has not done the one thing that matters.',
    called: 'Onboarding',
  },
  won_back: {
    name: 'Won back',
    hint: 'Somebody comes into a segment of quiet people: a mail, a week to react, and a colleague is told.',
    called: 'Won back',
  },
  webinar: {
    name: 'Webinar follow-up',
    hint: 'A sign-up by a form: a reminder before the day, and another mail for who came than for who did not.',
    called: 'Webinar follow-up',
  },
  birthday: { name: 'Birthday', hint: 'A mail every year, on the day itself.', called: 'Birthday' },
  lead: {
    name: 'Lead for sales',
    hint: 'A tag of your CRM: a mail, a few days to react, and the lead goes to a colleague or to another system.',
    called: 'Lead for sales',
  },
  empty: { name: 'An empty flow', hint: 'Add the steps one by one.', called: '' },
};

/** What the section has, of which a template makes use. */
export type Known = { attributes: readonly Pick<Attribute, 'id' | 'name' | 'code' | 'type'>[] };

/** The draft and the settings that a new flow begins with. */
export function flowFrom(template: Template, known: Known): { document: FlowDocument; settings: FlowSettings } {
  const { settings = {}, ...document } = DRAFTS[template](known);
  return { document: FlowDocumentSchema.parse(document), settings: FlowSettingsSchema.parse(settings) };
}

type Draft = { trigger?: object; steps?: object[]; settings?: object };

const wait = (id: string, count: number, unit = 'days', at: string | null = null) => ({
  ...{ id, kind: 'wait', time: { count, unit }, at },
});
const email = (id: string, name: string) => ({ id, kind: 'email', name });
const branch = (id: string, name: string, yes: object[], no: object[]) => ({
  ...{ id, kind: 'branch', name, ways: [{ id: `${id}yes`, steps: yes }], otherwise: no },
});
/** Waits until a tag comes, or for so many days. */
const tagWithin = (id: string, name: string, days: number, came: object[], not: object[]) => ({
  ...{ id, kind: 'wait_for', name, timeout: { count: days, unit: 'days' } },
  ways: [{ id: `${id}came`, what: { kind: 'tag_applied' }, steps: came }],
  otherwise: not,
});
const leave = (id: string) => ({ id, kind: 'leave' });

const DRAFTS: Record<Template, (known: Known) => Draft> = {
  welcome: () => ({
    trigger: { kind: 'tag_applied' },
    steps: [
      email('hello', 'Welcome mail'),
      wait('twodays', 2),
      branch(
        'special',
        'Somebody special?',
        [email('extra', 'Mail for special people')],
        [email('usual', 'Second mail')],
      ),
    ],
  }),
  onboarding: () => ({
    trigger: { kind: 'tag_applied' },
    steps: [
      email('first', 'First steps'),
      tagWithin('started', 'Have they started?', 3, [leave('done')], [email('help', 'Can we help?')]),
      tagWithin('later', 'Have they started now?', 10, [], [email('offer', 'A call with us')]),
    ],
  }),
  won_back: () => ({
    trigger: { kind: 'segment' },
    steps: [
      email('miss', 'We miss you'),
      tagWithin(
        'reacts',
        'Do they react?',
        7,
        [{ id: 'back', kind: 'tags', name: 'Mark as won back' }],
        [{ id: 'call', kind: 'notify', name: 'Tell a colleague', subject: 'Somebody has become quiet' }],
      ),
    ],
    settings: { again: { kind: 'after', days: 180 } },
  }),
  webinar: () => ({
    trigger: { kind: 'form' },
    steps: [
      email('thanks', 'You are signed up'),
      { id: 'before', kind: 'wait_date', name: 'The day before', days: -1, past: 'go_on', none: 'go_on' },
      email('remind', 'It is tomorrow'),
      wait('over', 2, 'days', '10:00'),
      branch(
        'came',
        'Did they come?',
        [email('record', 'Thank you for coming')],
        [email('missed', 'Here is the recording')],
      ),
    ],
    settings: { again: { kind: 'each_time' } },
  }),
  birthday: ({ attributes }) => ({
    trigger: { kind: 'date', attributeId: birthdayOf(attributes)?.id ?? null, yearly: true },
    steps: [email('wish', 'Happy birthday')],
    settings: { again: { kind: 'after', days: 300 } },
  }),
  lead: () => ({
    trigger: { kind: 'tag_applied', sources: ['integration'] },
    steps: [
      email('intro', 'What we can do'),
      tagWithin(
        'asks',
        'Do they ask for more?',
        5,
        [
          { id: 'sales', kind: 'notify', name: 'Tell sales', subject: 'A lead asks for more' },
          { id: 'tocrm', kind: 'webhook', name: 'Tell the CRM' },
        ],
        [email('again', 'One more try')],
      ),
    ],
  }),
  empty: () => ({}),
};

/** A date that is called a birthday, in some languages. */
const birthdayOf = (attributes: Known['attributes']) =>
  attributes.find(
    ({ type, name, code }) =>
      type === 'date' && /birth|geburt|födelse|fødsel|syntym|geboorte|naiss/i.test(`${name} ${code}`),
  );
