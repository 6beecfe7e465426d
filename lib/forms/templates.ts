// What a new form can start from: whole documents, so that the first form is a matter of changing words. Imports no server code, so that
// the page of a new form shows what is in each.
import type { Attribute } from '@/lib/attributes/schema';
import type { Topic } from '@/lib/consents/schema';
import type { AttributeId } from '@/lib/db/ids';
import {
  autofillOf,
  FormDocumentSchema,
  type Choice,
  type Consent,
  type Element,
  type FormDocument,
  type Input,
  type InputType,
} from './schema';
import { EXAMPLE_TEXT } from './example-text';

const MOBILE_HELP = 'With the country code, such as +46 70 123 45 67.';

export const TEMPLATES = ['newsletter', 'lead', 'event', 'preferences', 'survey', 'empty'] as const;
export type Template = (typeof TEMPLATES)[number];

/** `hint`: what it is for. `called`: a name that a form of it may have. */
export const TEMPLATE_WORDS: Record<Template, { name: string; hint: string; called: string }> = {
  newsletter: {
    name: 'Newsletter',
    hint: 'An address, a first name and a consent that is confirmed by email.',
    called: 'Newsletter sign-up',
  },
  lead: {
    name: 'Trade show lead',
    hint: 'Who somebody is, what they are interested in, and whether you may write.',
    called: 'Trade Show Lead',
  },
  event: {
    name: 'Event sign-up',
    hint: 'In two steps: who comes, and what they need to know or to eat.',
    called: 'Event sign-up',
  },
  preferences: {
    name: 'Preferences',
    hint: 'Interests, and the topics that people want to hear of. What they leave out ends.',
    called: 'What would you like to get?',
  },
  survey: { name: 'Survey', hint: 'A mark, a reason that depends on it, and an address.', called: 'How did we do?' },
  empty: { name: 'An empty form', hint: 'Only the email address. Add the rest one by one.', called: '' },
};

/** What the section has, of which a template makes use. */
export type Known = {
  attributes: readonly Pick<Attribute, 'id' | 'code' | 'system'>[];
  topics: readonly Pick<Topic, 'id' | 'name'>[];
};

const OFFERED_TOPICS = 5;

/** The document that a new form begins with. */
export function documentFrom(template: Template, known: Known): FormDocument {
  return FormDocumentSchema.parse(TEMPLATE_DOCUMENTS[template](known));
}

type Draft = Omit<Partial<FormDocument>, 'steps' | 'optIn'> & {
  steps: FormDocument['steps'];
  optIn?: Partial<FormDocument['optIn']>;
};

const TEMPLATE_DOCUMENTS: Record<Template, (known: Known) => Draft> = {
  newsletter: (known) => ({
    steps: [
      step('step', '', [
        heading('heading', 'Our newsletter'),
        text('text', 'News, offers and ideas, now and then. You can leave with one press.'),
        email(known),
        system(known, 'firstname', 'First name'),
        ...consent(known, 'Yes, send me the newsletter by email.', true),
      ]),
    ],
    optIn: { on: true },
  }),
  lead: (known) => ({
    steps: [
      step('step', '', [
        heading('heading', 'Nice to meet you'),
        text('text', 'Leave us your details, and we will come back to you after the fair.'),
        system(known, 'firstname', 'First name', { required: true }),
        system(known, 'lastname', 'Last name'),
        email(known),
        system(known, 'mobile', 'Mobile', { type: 'mobile', help: MOBILE_HELP }),
        asked('company', 'text', 'Company'),
        asked('interest', 'several', 'What are you interested in?', {
          choices: choices('Products', 'Prices', 'A demonstration', 'Working with us'),
        }),
        asked('question', 'lines', 'What can we help you with?'),
        hidden('campaign'),
        ...consent(known, 'You may write to me about news and offers.', false),
      ]),
    ],
    optIn: { on: true },
    after: {
      kind: 'message',
      title: 'Thank you',
      text: 'We will get back to you within a few days.',
    },
  }),
  event: (known) => ({
    steps: [
      step('who', 'Who you are', [
        heading('heading', 'Sign up'),
        text('text', EXAMPLE_TEXT),
        system(known, 'firstname', 'First name', { required: true }),
        system(known, 'lastname', 'Last name', { required: true }),
        email(known),
      ]),
      step('what', 'What we should know', [
        asked('coming', 'choice', 'How do you take part?', {
          required: true,
          choices: choices('On site', 'Online'),
        }),
        asked('food', 'choice', 'What do you eat?', {
          look: 'menu',
          choices: choices('Everything', 'Vegetarian', 'Vegan', 'Something else'),
          shownIf: { elementId: 'coming', values: ['On site'] },
        }),
        asked('remarks', 'lines', 'Is there anything else?'),
        terms('I agree that you use my details to organise the event.'),
        ...consent(known, 'Tell me about the next events, too.', false),
      ]),
    ],
    after: { kind: 'message', title: 'You are on the list', text: 'We look forward to seeing you.' },
  }),
  preferences: (known) => ({
    steps: [
      step('step', '', [
        heading('heading', 'What would you like to get?'),
        text('text', 'Choose what interests you. We leave out the rest.'),
        email(known),
        asked('interests', 'several', 'I am interested in', {
          choices: choices('New products', 'Offers', 'Events', 'Ideas and stories'),
        }),
        ...known.topics.slice(0, OFFERED_TOPICS).map(({ id: topicId, name }, index): Consent => ({
          id: `consent${index + 1}`,
          shownIf: null,
          kind: 'consent',
          label: name,
          required: false,
          topics: [{ topicId, channel: 'email' }],
          link: null,
        })),
      ]),
    ],
    existing: 'overwrite',
    replaces: true,
    optIn: { on: true },
    after: { kind: 'message', title: 'Thank you', text: 'From now on you get what you have chosen.' },
  }),
  survey: (known) => ({
    steps: [
      step('mark', '', [
        heading('heading', 'How did we do?'),
        asked('mark5', 'choice', 'How satisfied are you?', {
          required: true,
          choices: choices('Very satisfied', 'Satisfied', 'Neither', 'Dissatisfied', 'Very dissatisfied'),
        }),
        asked('better', 'lines', 'What should we do better?', {
          shownIf: { elementId: 'mark5', values: ['Neither', 'Dissatisfied', 'Very dissatisfied'] },
        }),
        asked('liked', 'lines', 'What did you like?', {
          shownIf: { elementId: 'mark5', values: ['Very satisfied', 'Satisfied'] },
        }),
      ]),
      step('who', '', [
        text('text', 'Where can we reach you, if we have a question?'),
        email(known),
        asked('callme', 'yesno', 'May we call you?'),
        system(known, 'mobile', 'Mobile', {
          type: 'mobile',
          help: MOBILE_HELP,
          shownIf: { elementId: 'callme', values: ['yes'] },
        }),
      ]),
    ],
    after: { kind: 'message', title: 'Thank you', text: 'Your answers help us.' },
  }),
  empty: (known) => ({ steps: [step('step', '', [email(known)])] }),
};

const step = (id: string, title: string, elements: Element[]) => ({ id, title, elements });

const heading = (id: string, words: string): Element => ({ id, shownIf: null, kind: 'heading', text: words });

const text = (id: string, words: string): Element => ({ id, shownIf: null, kind: 'text', text: words, link: null });

const hidden = (parameter: string): Element => ({
  id: parameter,
  shownIf: null,
  kind: 'hidden',
  parameter,
  attributeId: null,
  allowed: [],
});

const terms = (label: string): Element => ({
  id: 'terms',
  shownIf: null,
  kind: 'terms',
  label,
  topics: [],
  link: null,
});

/** None in a section without topics: people would agree to nothing. */
const consent = ({ topics }: Known, label: string, required: boolean): Element[] =>
  topics[0]
    ? [
        {
          id: 'consent',
          shownIf: null,
          kind: 'consent',
          label,
          required,
          topics: [{ topicId: topics[0].id, channel: 'email' }],
          link: null,
        },
      ]
    : [];

const choices = (...values: string[]): Choice[] => values.map((value) => ({ value, label: '', tagIds: [] }));

const asked = (id: string, type: InputType, label: string, more: Partial<Input> = {}): Input => ({
  id,
  shownIf: null,
  kind: 'input',
  type,
  label,
  help: '',
  required: false,
  attributeId: null,
  choices: [],
  autofill: autofillOf(id),
  look: 'list',
  tagIds: [],
  country: null,
  ...more,
});

/** Fills a system attribute. */
const system = (known: Known, code: string, label: string, more: Partial<Input> = {}): Input =>
  asked(code, 'text', label, { attributeId: attributeOf(known, code), ...more });

const email = (known: Known): Input => system(known, 'email', 'Email', { type: 'email', required: true });

const attributeOf = ({ attributes }: Known, code: string): AttributeId | null =>
  attributes.find((attribute) => attribute.system && attribute.code === code)?.id ?? null;
