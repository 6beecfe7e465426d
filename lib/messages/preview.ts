// A document as somebody would get it: compiled and filled by what sends messages, with links that act on nobody.
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import { ProfileIdSchema, type ProfileId } from '@/lib/db/ids';
import { compileMail } from '@/lib/mail-document/compile';
import { footerWords } from '@/lib/mail-document/footer-words';
import { filledAddress } from '@/lib/mail-document/link-values';
import { openRenderer, type Recipient } from '@/lib/mail-document/render';
import { MailDocumentSchema } from '@/lib/mail-document/schema';
import { brandOf } from './brand';
import { withSamples } from './given';
import { valuesFor } from './render-for';

const NOBODY: Recipient = { values: new Map(), tags: new Set() };

/** `bytes`: the size of the HTML. */
export type MailPreview = { subject: string; preheader: string; html: string; text: string; bytes: number };

/** A document as the profile would get it; `profileId: null`: as somebody of whom nothing is known. */
export const previewMail = query({
  name: 'messages.preview',
  scope: 'section',
  allow: 'everyone',
  input: InSection.extend({ document: MailDocumentSchema, profileId: ProfileIdSchema.nullable().default(null) }),
  run: async ({ db }, { sectionId, document, profileId }): Promise<MailPreview> => {
    const brand = await brandOf(db, sectionId);
    const compiled = await compileMail(document, brand, footerWords(brand.language));
    const people =
      profileId === null ? new Map<ProfileId, Recipient>() : await valuesFor(db, sectionId, [profileId], compiled);
    const person = (profileId === null ? undefined : people.get(profileId)) ?? NOBODY;
    const mail = openRenderer(compiled)(withSamples(person, compiled), {
      links: compiled.links.map(({ address }) => filledAddress(address, person.linkValues)),
      unsubscribe: '#unsubscribe',
      preferences: '#preferences',
      view: '#view',
    });
    return { ...mail, bytes: Buffer.byteLength(mail.html) };
  },
});
