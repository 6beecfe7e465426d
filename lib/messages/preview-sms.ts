// The text of an SMS as somebody would get it: filled by what sends messages, with a link that acts on nobody.
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { ProfileIdSchema } from '@/lib/db/ids';
import type { SmsParts } from '@/lib/sms/parts';
import { valuesFor } from './render-for';
import { writtenFor } from './sms';
import { compileSms } from './sms-content';
import { MessageSettingsSchema } from './schema';
import { SmsTextSchema } from './sms-pieces';
import { NOBODY } from './test-mail';

/** The parts are those of what is sent. `isCounted`: its links are longer or shorter then. */
export type SmsPreview = { text: string; isCounted: boolean } & Pick<SmsParts, 'parts' | 'units' | 'encoding'>;

/** A text as the profile would get it; `profileId: null`: as somebody of whom nothing is known. */
export const previewSms = query({
  name: 'messages.preview-sms',
  scope: 'section',
  allow: 'everyone',
  input: InSection.extend({
    text: SmsTextSchema,
    settings: MessageSettingsSchema,
    profileId: ProfileIdSchema.nullable().default(null),
  }),
  run: async ({ db }, { sectionId, text, settings, profileId }): Promise<SmsPreview> => {
    const compiled = await compileSms(db, sectionId, text);
    const people = profileId === null ? undefined : await valuesFor(db, sectionId, [profileId], compiled);
    const person = (profileId !== null && people?.get(profileId)) || NOBODY;
    const { text: written, counted } = writtenFor(compiled, { sectionId, number: null, settings }, person);
    const { parts, units, encoding } = counted;
    return { text: written, isCounted: settings.trackClicks && compiled.links.length > 0, parts, units, encoding };
  },
});
