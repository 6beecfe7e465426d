// The document of a form: its steps with their elements, and what happens with what people enter. Refers to tags, attributes and topics by
// id, so that a rename breaks nothing. Imports no server code, so that the builder can use it.
import { z } from 'zod';
import { CHANNELS } from '@/lib/consents/schema';
import {
  AttributeIdSchema,
  FormIdSchema,
  SectionIdSchema,
  SubmissionIdSchema,
  TagIdSchema,
  TopicIdSchema,
} from '@/lib/db/ids';
import { LookSchema } from './look';
import { LANGUAGES, OwnTextsSchema } from './texts';

/** Names an element within its form. It stays the same in all versions, so that answers can be compared. */
export const ElementIdSchema = z
  .string()
  .regex(/^[a-z0-9]{1,20}$/, 'The name of an element has small letters and digits.');

/** Only these schemes: they cannot run anything. */
export const WebAddressSchema = z
  .string()
  .trim()
  .max(2_000, 'An address may have 2,000 characters.')
  .refine((text) => isWebAddress(text), 'Enter an address that starts with https:// or http://.');

/** Whether a text is an address of the web. It is read as a browser reads it. */
export function isWebAddress(text: string): boolean {
  try {
    return ['http:', 'https:'].includes(new URL(text).protocol);
  } catch {
    return false;
  }
}

const LabelSchema = z.string().trim().max(500, 'A label may have 500 characters.');
const TagsSchema = z.array(TagIdSchema).max(20, 'At most 20 tags.').default([]);

/** An element is shown if another one before it has one of the values. Of yes/no: 'yes'. A draft may have none yet: `problemsOf` says so. */
const ShownIfSchema = z
  .object({ elementId: ElementIdSchema, values: z.array(z.string().max(200)).max(50) })
  .nullable()
  .default(null);
export type ShownIf = z.output<typeof ShownIfSchema>;

const common = { id: ElementIdSchema, shownIf: ShownIfSchema };

/** '' while a draft has none yet: `problemsOf` says so. */
const DraftAddressSchema = z.union([z.literal(''), WebAddressSchema]);

/** A link below a text, for example to a privacy policy. */
const LinkSchema = z.object({ label: LabelSchema, address: DraftAddressSchema }).nullable().default(null);

const HeadingSchema = z.object({ ...common, kind: z.literal('heading'), text: z.string().max(500) });
/** Paragraphs are separated by an empty line. */
const TextSchema = z.object({ ...common, kind: z.literal('text'), text: z.string().max(10_000), link: LinkSchema });
const ImageSchema = z.object({
  ...common,
  kind: z.literal('image'),
  /** The path of a picture that was uploaded to the section (lib/messages/pictures.ts); '' while a draft has none. */
  source: z.union([z.literal(''), z.string().regex(/^\/i\/\d+\/[0-9a-f-]{36}$/)]),
  /** What it shows; empty: decoration. */
  alt: z.string().max(500).default(''),
  /** Pixels of the page. */
  width: z.int().min(16).max(1_200).default(600),
});

/** What can be entered. `several`: any of the choices. */
export const INPUT_TYPES = [
  'text',
  'lines',
  'email',
  'mobile',
  'number',
  'date',
  'choice',
  'several',
  'yesno',
] as const;
export type InputType = (typeof INPUT_TYPES)[number];

/** What a browser may fill in by itself (HTML's autocomplete). An email address and a mobile number have their own. */
export const AUTOFILL = [
  'given-name',
  'family-name',
  'name',
  'organization',
  'organization-title',
  'street-address',
  'postal-code',
  'address-level2',
  'country-name',
  'bday',
  'url',
] as const;
export type Autofill = (typeof AUTOFILL)[number];

/** What a question for an attribute is about, by the codes that attributes of people usually have. */
const AUTOFILL_OF: ReadonlyMap<string, Autofill> = new Map([
  ['firstname', 'given-name'],
  ['lastname', 'family-name'],
  ['fullname', 'name'],
  ['name', 'name'],
  ['company', 'organization'],
  ['organisation', 'organization'],
  ['organization', 'organization'],
  ['jobtitle', 'organization-title'],
  ['title', 'organization-title'],
  ['address', 'street-address'],
  ['street', 'street-address'],
  ['postalcode', 'postal-code'],
  ['zipcode', 'postal-code'],
  ['zip', 'postal-code'],
  ['city', 'address-level2'],
  ['country', 'country-name'],
  ['birthdate', 'bday'],
  ['website', 'url'],
]);

/** What a browser may fill in for an attribute of this code; null: nothing that it knows. */
export const autofillOf = (code: string): Autofill | null =>
  AUTOFILL_OF.get(code.toLowerCase().replace(/[^a-z]/g, '')) ?? null;

/** `value`: what is stored; stays when the label changes. `tagIds`: what the profile gets by this answer. */
const ChoiceSchema = z.object({
  value: z.string().trim().max(200),
  label: z.string().trim().max(200).default(''),
  tagIds: TagsSchema,
});
export type Choice = z.output<typeof ChoiceSchema>;

const InputSchema = z.object({
  ...common,
  kind: z.literal('input'),
  type: z.enum(INPUT_TYPES),
  label: LabelSchema,
  /** Below the label. */
  help: z.string().trim().max(500).default(''),
  required: z.boolean().default(false),
  /** Null: the answer is kept with the submission only. */
  attributeId: AttributeIdSchema.nullable().default(null),
  choices: z.array(ChoiceSchema).max(200, 'A question has at most 200 choices.').default([]),
  /** What the visitor's browser may fill in. Also says which answers are names: links in those speak for spam. */
  autofill: z.enum(AUTOFILL).nullable().default(null),
  /** How one of several choices is shown: buttons in a list, or a menu. */
  look: z.enum(['list', 'menu']).default('list'),
  /** Of mobile numbers: the country of those without a country code, as ISO 3166; null: they are refused. */
  country: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .nullable()
    .default(null),
  /** Of yes/no: what the profile gets by a yes. */
  tagIds: TagsSchema,
});
export type Input = z.output<typeof InputSchema>;

const TopicsSchema = z
  .array(z.object({ topicId: TopicIdSchema, channel: z.enum(CHANNELS) }))
  .max(20, 'At most 20 topics.')
  .default([]);

/** A box that is never ticked beforehand. Ticked, it opts in to its topics, with its label as the wording. */
const ConsentSchema = z.object({
  ...common,
  kind: z.literal('consent'),
  label: LabelSchema,
  required: z.boolean().default(false),
  topics: TopicsSchema,
  link: LinkSchema,
});
export type Consent = z.output<typeof ConsentSchema>;

/** Terms that have to be accepted. */
const TermsSchema = z.object({
  ...common,
  kind: z.literal('terms'),
  label: LabelSchema,
  topics: TopicsSchema,
  link: LinkSchema,
});
export type Terms = z.output<typeof TermsSchema>;

/** A value that comes with the address of the page, as ?campaign=spring. */
const HiddenSchema = z.object({
  ...common,
  kind: z.literal('hidden'),
  parameter: z
    .string()
    .regex(
      /^$|^[A-Za-z][A-Za-z0-9_-]{0,39}$/,
      'The name of a parameter has letters, digits, - and _, and begins with a letter.',
    ),
  attributeId: AttributeIdSchema.nullable().default(null),
  /** Other values are ignored; empty: any value. */
  allowed: z.array(z.string().trim().min(1).max(200)).max(50).default([]),
});

export const ElementSchema = z.discriminatedUnion('kind', [
  HeadingSchema,
  TextSchema,
  ImageSchema,
  InputSchema,
  ConsentSchema,
  TermsSchema,
  HiddenSchema,
]);
export type Element = z.output<typeof ElementSchema>;
export type ElementKind = Element['kind'];
/** An element that has an answer. */
export type Asking = Extract<Element, { kind: 'input' | 'consent' | 'terms' | 'hidden' }>;

const StepSchema = z.object({
  id: ElementIdSchema,
  title: z.string().trim().max(200).default(''),
  elements: z.array(ElementSchema).max(100, 'A step has at most 100 elements.'),
});
export type Step = z.output<typeof StepSchema>;

/** What the visitor sees after sending. `parameters`: answers appended to the address, encoded. */
const AfterSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('message'),
    title: z.string().trim().max(200).default(''),
    text: z.string().max(2_000).default(''),
  }),
  z.object({
    kind: z.literal('address'),
    address: DraftAddressSchema,
    parameters: z
      .array(z.object({ name: z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,39}$/), elementId: ElementIdSchema }))
      .max(10)
      .default([]),
  }),
]);

/** Double opt-in: what the mail says that asks for the confirmation. */
const OptInSchema = z.object({
  on: z.boolean().default(false),
  /** Tags, and values of new profiles, already before the confirmation. */
  tagsBefore: z.boolean().default(false),
  subject: z.string().trim().max(200).default(''),
  text: z.string().max(2_000).default(''),
  button: z.string().trim().max(100).default(''),
  /** Days after which one reminder goes; null: none. */
  remindAfterDays: z.int().min(1).max(14).nullable().default(3),
  /** Days for which the link is valid. */
  validDays: z.int().min(1).max(90).default(30),
  /** The sender of the mail; null: the section's first one for email. */
  senderId: z.int().positive().nullable().default(null),
});

export const EXISTING = ['fill', 'overwrite', 'leave'] as const;

/** A host that may embed the form: `shop.example`, `*.shop.example`, or `*` for any. */
const HostSchema = z
  .string()
  .trim()
  .toLowerCase()
  .max(253)
  .regex(
    /^(\*|(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?(:\d{1,5})?)$/,
    'Enter a host such as shop.example or *.shop.example.',
  );

export const FormDocumentSchema = z
  .object({
    language: z.enum(LANGUAGES).default('en'),
    /** Texts of the form's own instead of those of the language. */
    texts: OwnTextsSchema,
    look: LookSchema,
    steps: z.array(StepSchema).min(1).max(10, 'A form has at most 10 steps.'),
    tags: z.object({ apply: TagsSchema, remove: TagsSchema }).prefault({}),
    /** The key by which people are found. The form has an input of this type, required. */
    match: z.enum(['email', 'mobile']).default('email'),
    /** What happens to values that a known profile has. `overwrite` applies after a confirmation only. */
    existing: z.enum(EXISTING).default('fill'),
    /** Of forms by which people choose what they get: topics, and tags of answers, that they leave out end, once it is confirmed. */
    replaces: z.boolean().default(false),
    after: AfterSchema.prefault({ kind: 'message' }),
    optIn: OptInSchema.prefault({}),
    /** Where it may be embedded. Empty: nowhere. */
    hosts: z.array(HostSchema).max(50, 'At most 50 hosts.').default(['*']),
    /** When a visitor's browser has to work a little before it may send: never, if something speaks for spam, always. */
    proof: z.enum(['never', 'auto', 'always']).default('auto'),
  })
  .superRefine((document, context) => {
    const ids = new Set<string>();
    for (const { id } of [...elementsOf(document), ...document.steps]) {
      if (ids.has(id))
        context.addIssue({ code: 'custom', path: ['steps'], message: 'Two elements have the same name.' });
      ids.add(id);
    }
  });
export type FormDocument = z.output<typeof FormDocumentSchema>;

/** How submissions in quarantine are ordered: the newest first, or by what speaks for spam, the most or the least of it first. */
export const SUBMISSION_ORDERS = ['newest', 'most', 'least'] as const;
export type SubmissionOrder = (typeof SUBMISSION_ORDERS)[number];

/** By steps, as a submission asks for them several times. Documents are never changed in place. */
const elements = new WeakMap<FormDocument['steps'], readonly Element[]>();

/** All elements, in the order of the form. */
export function elementsOf({ steps }: Pick<FormDocument, 'steps'>): readonly Element[] {
  let known = elements.get(steps);
  if (!known) elements.set(steps, (known = steps.flatMap((step) => step.elements)));
  return known;
}

const ASKING: ElementKind[] = ['input', 'consent', 'terms', 'hidden'];
export const isAsking = (element: Element): element is Asking => ASKING.includes(element.kind);

/** What was entered, by element: text; chosen values; whether a box was ticked. Absent: not shown or empty. */
export const AnswersSchema = z.record(z.string(), z.union([z.string(), z.array(z.string()), z.boolean()]));
export type Answers = z.output<typeof AnswersSchema>;
export type Answer = Answers[string];

/**
 * `received`: to be worked off. `pending`: waits for a confirmation. `waiting`: the form needs attention. `quarantined`: likely spam, until somebody
 * has looked. `failed`: something went wrong each time. `removed`: by hand, or never confirmed.
 */
export const SUBMISSION_STATES = [
  'received',
  'pending',
  'waiting',
  'quarantined',
  'failed',
  'done',
  'removed',
] as const;
export type SubmissionState = (typeof SUBMISSION_STATES)[number];

/** How a submission came: `html`: from a form that is not on our page. */
export type SubmissionVia = 'page' | 'html' | 'api';

export const InForm = z.object({ sectionId: SectionIdSchema, formId: FormIdSchema });
export const InSubmission = InForm.extend({ submissionId: SubmissionIdSchema });
