// Values that a call of the API gives for one mail: for the message's own variables, and instead of what is stored for an attribute.
import { refuse } from '@/lib/access/refusal';
import type { AttributeId } from '@/lib/db/ids';
import { givenIn } from '@/lib/mail-document/blocks';
import type { CompiledMail } from '@/lib/mail-document/compile';
import type { Recipient } from '@/lib/mail-document/render';
import { variantsOf } from './ab-schema';
import type { Content } from './schema';

/** By the name of the variable, and by the id of the attribute. */
export type Given = { names: Record<string, string>; attributes: Record<string, string> };

/** A person with what a call gave for their mail. */
export function withGiven(person: Recipient | undefined, given: Given | null): Recipient | undefined {
  if (!person || !given) return person;
  const values = Object.entries(given.attributes).map(([id, value]) => [Number(id) as AttributeId, value] as const);
  return {
    ...person,
    given: given.names,
    values: new Map([...person.values, ...values]),
    ...(person.linkValues && { linkValues: new Map([...person.linkValues, ...values]) }),
  };
}

/** Somebody whose variables show their names, for previews and tests. */
export const withSamples = (person: Recipient, { given }: Pick<CompiledMail, 'given'>): Recipient => ({
  ...person,
  given: Object.fromEntries(given.map(({ name }) => [name, `[${name}]`])),
});

/** Refuses a content that cannot be sent to an audience, as only a call of the API gives its values. */
export function requireNothingGiven(content: Content): void {
  if (content.channel !== 'email') return;
  const [first] = variantsOf(content)
    .flatMap(givenIn)
    .filter(({ fallback }) => fallback.trim() === '');
  if (!first) return;
  refuse(
    'invalid',
    `Only a call of the API gives the value “${first.name}”. Say in the content what stands there instead.`,
    {
      field: 'content',
    },
  );
}
