// The text of an SMS as somebody would get it: filled by what sends messages, with a link that acts on nobody.
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { ProfileIdSchema } from '@/lib/db/ids';
import { smsParts, type SmsParts } from '@/lib/sms/parts';
import { valuesFor } from './render-for';
import { writtenFor } from './sms';
import { compileSms } from './sms-content';
import { SmsTextSchema } from './sms-text';
import { NOBODY } from './test-mail';

export type SmsPreview = { text: string } & Pick<SmsParts, 'parts' | 'units' | 'encoding'>;

/** A text as the profile would get it; `profileId: null`: as somebody of whom nothing is known. */
export const previewSms = query({
  name: 'messages.preview-sms',
  scope: 'section',
  allow: 'everyone',
  input: InSection.extend({ text: SmsTextSchema, profileId: ProfileIdSchema.nullable().default(null) }),
  run: async ({ db }, { sectionId, text, profileId }): Promise<SmsPreview> => {
    const compiled = await compileSms(db, sectionId, text);
    const people = profileId === null ? undefined : await valuesFor(db, sectionId, [profileId], compiled);
    const person = (profileId !== null && people?.get(profileId)) || NOBODY;
    const written = writtenFor(compiled, { sectionId, number: null }, person).text;
    const { parts, units, encoding } = smsParts(written);
    return { text: written, parts, units, encoding };
  },
});
