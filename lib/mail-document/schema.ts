// The document of an email: blocks of text, images and buttons. Variables and conditions are parts of the document and refer by id, so that
// a rename breaks nothing and nothing that is typed can become a variable. Imports no server code, so that the editor can use it.
import { z } from 'zod';
import { AttributeIdSchema, TagIdSchema } from '@/lib/db/ids';
import { attributesInAddress, VALUES_PLACE, valuesStandRight } from './link-values';

const SCHEMES = ['http:', 'https:', 'mailto:', 'tel:'];

/** Whether a link may lead there: these schemes cannot run anything. Both are read as a browser reads them. */
export function isSafeAddress(address: string): boolean {
  try {
    return SCHEMES.includes(new URL(address).protocol);
  } catch {
    return false;
  }
}

/** '' while a draft has no link there yet: `problemsOf` says so. Values of people are in it by id (link-values.ts). */
const DraftAddressSchema = z
  .string()
  .trim()
  .max(2_000, 'The address of a link may have 2,000 characters.')
  .refine(
    (address) => address === '' || isSafeAddress(address),
    'A link starts with https://, http://, mailto: or tel:.',
  )
  .refine(valuesStandRight, VALUES_PLACE);
const AddressSchema = DraftAddressSchema.min(1, 'Enter the address of the link.');

/** Whether an address can be kept as that of a link. */
export const isLinkAddress = (address: string): boolean => isSafeAddress(address) && valuesStandRight(address);

/** The path of a picture that was uploaded to a section. The renderer puts the host before it. */
export const OWN_PICTURE = /^\/i\/\d+\/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A picture that was uploaded, or one elsewhere. */
const PictureSchema = z
  .string()
  .max(2_000)
  .refine(
    (address) => OWN_PICTURE.test(address) || (/^https?:\/\//i.test(address) && isSafeAddress(address)),
    'An image has an https:// address.',
  );

/** `fallback`: for people without a value. */
const VariableSchema = z.object({
  type: z.literal('variable'),
  attributeId: AttributeIdSchema,
  fallback: z.string().max(200).default(''),
});
export type Variable = z.output<typeof VariableSchema>;

/** The name of a value that a call of the API gives. */
export const GivenNameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,39}$/, 'A name has small letters, digits and _, and begins with a letter.');

/** A value that a call of the API gives. `fallback`: when it does not; empty: it must. */
const GivenSchema = z.object({
  type: z.literal('given'),
  name: GivenNameSchema,
  fallback: z.string().max(200).default(''),
});
export type GivenValue = z.output<typeof GivenSchema>;

const MARKS = ['bold', 'italic', 'underline'] as const;
export type Mark = (typeof MARKS)[number];

const RunSchema = z.object({
  type: z.literal('text'),
  text: z.string().min(1).max(20_000),
  marks: z.array(z.enum(MARKS)).max(3).default([]),
  link: AddressSchema.nullable().default(null),
});
export type Run = z.output<typeof RunSchema>;

/** A piece of a line. A variable takes the marks of no other piece. */
const InlineSchema = z.discriminatedUnion('type', [
  RunSchema,
  VariableSchema.extend({ marks: z.array(z.enum(MARKS)).max(3).default([]) }),
  GivenSchema.extend({ marks: z.array(z.enum(MARKS)).max(3).default([]) }),
  z.object({ type: z.literal('break') }),
]);
export type Inline = z.output<typeof InlineSchema>;
const LineSchema = z.array(InlineSchema).max(500);

/** A line without breaks or marks: subject, preheader, the text of a button. */
export const PlainLineSchema = z
  .array(
    z.discriminatedUnion('type', [
      z.object({ type: z.literal('text'), text: z.string().min(1).max(1_000) }),
      VariableSchema,
      GivenSchema,
    ]),
  )
  .max(50);
export type PlainLine = z.output<typeof PlainLineSchema>;

const AlignSchema = z.enum(['left', 'center', 'right']).default('left');

/** Who sees a block: those with, or those without, the tag. */
const OnlyForSchema = z.object({ tagId: TagIdSchema, has: z.boolean() }).nullable().default(null);
export type OnlyFor = z.output<typeof OnlyForSchema>;

const common = { id: z.string().min(1).max(40), onlyFor: OnlyForSchema };

export const NETWORKS = ['facebook', 'instagram', 'linkedin', 'youtube', 'x', 'tiktok'] as const;
export type Network = (typeof NETWORKS)[number];
export const NETWORK_NAMES: Record<Network, string> = {
  facebook: 'Facebook',
  instagram: 'Instagram',
  linkedin: 'LinkedIn',
  youtube: 'YouTube',
  x: 'X',
  tiktok: 'TikTok',
};

const HeadingSchema = z.object({
  ...common,
  kind: z.literal('heading'),
  level: z.union([z.literal(1), z.literal(2), z.literal(3)]).default(1),
  line: LineSchema,
  align: AlignSchema,
});
const TextSchema = z.object({
  ...common,
  kind: z.literal('text'),
  /** Paragraphs, or the items of a list. */
  lines: z.array(LineSchema).max(200),
  list: z.enum(['none', 'bullets', 'numbers']).default('none'),
  align: AlignSchema,
});
const ImageSchema = z.object({
  ...common,
  kind: z.literal('image'),
  /** '' while a draft has none yet. */
  source: z.union([z.literal(''), PictureSchema]),
  /** What it shows, for those who do not see it; empty: decoration. */
  alt: z.string().max(500).default(''),
  link: AddressSchema.nullable().default(null),
  /** Pixels; narrower screens make it smaller. */
  width: z.int().min(16).max(600).default(600),
  align: AlignSchema,
});
const ButtonSchema = z.object({
  ...common,
  kind: z.literal('button'),
  label: PlainLineSchema,
  link: DraftAddressSchema,
  align: z.enum(['left', 'center', 'right']).default('center'),
});
const DividerSchema = z.object({ ...common, kind: z.literal('divider') });
const SocialSchema = z.object({
  ...common,
  kind: z.literal('social'),
  links: z
    .array(z.object({ network: z.enum(NETWORKS), link: DraftAddressSchema }))
    .min(1, 'Add a network.')
    .max(6),
});
const FooterSchema = z.object({ ...common, kind: z.literal('footer'), lines: z.array(LineSchema).max(20) });

/** Far more than a mail can be: HTML that is too long is a draft to shorten. */
export const HTML_MAX = 250_000;

/** HTML as it was written, with values by id. What of it is sent is in html-tree.ts. */
const HtmlSourceSchema = z
  .array(
    z.discriminatedUnion('type', [
      z.object({ type: z.literal('text'), text: z.string().min(1).max(HTML_MAX, 'This HTML is too long.') }),
      VariableSchema,
      GivenSchema,
    ]),
  )
  .max(1_000, 'This HTML has too many values.')
  .refine(
    (source) => source.reduce((all, piece) => all + (piece.type === 'text' ? piece.text.length : 0), 0) <= HTML_MAX,
    'This HTML is too long.',
  );
export type HtmlSource = z.output<typeof HtmlSourceSchema>;

const HtmlSchema = z.object({
  ...common,
  kind: z.literal('html'),
  source: HtmlSourceSchema,
  /** From edge to edge, without the margin that texts have. */
  wide: z.boolean().default(true),
});

const SingleSchema = z.discriminatedUnion('kind', [
  HeadingSchema,
  TextSchema,
  ImageSchema,
  ButtonSchema,
  DividerSchema,
  SocialSchema,
  HtmlSchema,
]);
/** A block that can stand in a column. */
export type Single = z.output<typeof SingleSchema>;

const ColumnsSchema = z.object({
  ...common,
  kind: z.literal('columns'),
  columns: z.array(z.array(SingleSchema).max(20)).min(2).max(3),
});

export const BlockSchema = z.discriminatedUnion('kind', [
  HeadingSchema,
  TextSchema,
  ImageSchema,
  ButtonSchema,
  DividerSchema,
  SocialSchema,
  HtmlSchema,
  FooterSchema,
  ColumnsSchema,
]);
export type Block = z.output<typeof BlockSchema>;
export type BlockKind = Block['kind'];

export const MailDocumentSchema = z.object({
  subject: PlainLineSchema,
  /** What inboxes show after the subject. */
  preheader: PlainLineSchema.default([]),
  blocks: z.array(BlockSchema).max(200, 'A message may have 200 blocks.'),
});
export type MailDocument = z.output<typeof MailDocumentSchema>;

const Colour = z.string().regex(/^#[0-9a-f]{6}$/i, 'A colour is # and six digits.');

function isLocale(language: string): boolean {
  try {
    return Intl.getCanonicalLocales(language).length === 1;
  } catch {
    return false;
  }
}

/** How a section's mails look. */
export const BrandSchema = z.object({
  background: Colour.default('#f4f4f5'),
  paper: Colour.default('#ffffff'),
  text: Colour.default('#27272a'),
  accent: Colour.default('#1d4ed8'),
  /** The text of buttons. */
  onAccent: Colour.default('#ffffff'),
  font: z.enum(['sans', 'serif', 'system']).default('system'),
  /** The language of the texts, as in HTML: 'en', 'sv'. */
  language: z
    .string()
    .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'A language is two letters, such as en or sv.')
    .refine(isLocale, 'A language is two letters, such as en or sv.')
    .default('en'),
  /** Stands above every mail. */
  logo: z
    .object({
      source: PictureSchema,
      alt: z.string().trim().min(1, 'Write the name that the logo shows.').max(200),
      width: z.int().min(24, 'A logo is 24 to 600 pixels wide.').max(600, 'A logo is 24 to 600 pixels wide.'),
      link: AddressSchema.refine(
        (address) => attributesInAddress(address).length === 0,
        'The link of the logo is the same for everybody.',
      )
        .nullable()
        .default(null),
    })
    .nullable()
    .default(null),
  /** Who sends, with the postal address that the law asks for: below every mail. */
  sentBy: z.string().trim().max(500, 'Use at most 500 characters.').default(''),
});
export type Brand = z.output<typeof BrandSchema>;
