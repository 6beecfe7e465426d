// How a section's mails look: read for the editor and whenever a message is compiled, saved in Settings.
import { command } from '@/lib/access/command';
import { InSection } from '@/lib/access/declared';
import { query } from '@/lib/access/query';
import type { SectionId } from '@/lib/db/ids';
import { execute, maybeOne, sql, type Db } from '@/lib/db/sql';
import { BrandSchema, type Brand } from '@/lib/mail-document/schema';

/** The section's look; a plain one if nobody has chosen any. */
export async function brandOf(db: Db, sectionId: SectionId): Promise<Brand> {
  const found = await maybeOne<{ look: object; footer: string }>(
    db,
    sql`select look, footer from brand where section_id = ${sectionId}`,
  );
  return BrandSchema.parse(found ? { ...found.look, sentBy: found.footer } : {});
}

/** The section's look. */
export const readBrand = query({
  name: 'messages.read-brand',
  scope: 'section',
  allow: 'everyone',
  input: InSection,
  run: ({ db }, { sectionId }) => brandOf(db, sectionId),
});

/** The same for the page on which it is changed. */
export const readBrandToChange = query({
  name: 'messages.read-brand-to-change',
  scope: 'section',
  allow: 'admins',
  input: InSection,
  run: ({ db }, { sectionId }) => brandOf(db, sectionId),
});

/** Saves how mails look from now on. Scheduled messages keep the look that they were scheduled with. */
export const saveBrand = command({
  name: 'messages.save-brand',
  scope: 'section',
  allow: 'admins',
  input: InSection.extend({ brand: BrandSchema }),
  run: async ({ tx }, { sectionId, brand: { sentBy, ...look } }) => {
    await execute(
      tx,
      sql`
        insert into brand (section_id, look, footer, changed_at)
        values (${sectionId}, ${JSON.stringify(look)}, ${sentBy}, ${new Date()})
        on conflict (section_id) do update
        set look = excluded.look, footer = excluded.footer, changed_at = excluded.changed_at`,
    );
  },
  audit: () => ({ summary: 'Changed how emails look' }),
});
