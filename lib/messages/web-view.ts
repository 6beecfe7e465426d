// A mail as a page: written again from what was sent, with what is known of its person now. Nothing is stored for it.
import { pool } from '@/lib/db/pool';
import { maybeOne, sql } from '@/lib/db/sql';
import { variantOf } from '@/lib/mail-document/compile';
import { openRenderer } from '@/lib/mail-document/render';
import { withGiven, type Given } from './given';
import { personOf, type Opened } from './leave';
import { writtenIn } from './linked';
import { recipientLinks } from './links';
import { valuesFor } from './render-for';
import { MessageSettingsSchema } from './schema';

/** The HTML of the mail that a link was in. */
export async function readMailPage(token: string): Promise<Opened<string>> {
  const opened = await personOf(pool(), 'view', token);
  if (opened.is !== 'found') return opened;
  const { sectionId, number, sendId, profileId, variant } = opened.value;
  const [written, send] = await Promise.all([
    writtenIn(sectionId, sendId),
    maybeOne<{ settings: unknown; given: Given | null }>(
      pool(),
      sql`
        select send.settings, recipient.given from recipient
        join send on send.section_id = ${sectionId} and send.id = recipient.send_id
        where recipient.section_id = ${sectionId} and recipient.number = ${number}`,
    ),
  ]);
  if (!written || !send) return { is: 'erased' };
  const compiled = variantOf(written.compiled, variant);
  const people = await valuesFor(pool(), sectionId, [profileId], compiled);
  const person = withGiven(people.get(profileId), send.given);
  if (!person) return { is: 'erased' };
  const settings = { ...MessageSettingsSchema.parse(send.settings), trackOpens: false };
  const links = recipientLinks({ sectionId, number, links: compiled.links, settings, values: person.linkValues });
  return { is: 'found', value: openRenderer(compiled)(person, links).html };
}
