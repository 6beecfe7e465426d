// Sections of the account: made and renamed by Owners and Admins.
import { z } from 'zod';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { SectionIdSchema } from '@/lib/db/ids';
import { maybeOne, sql } from '@/lib/db/sql';
import { createSection } from './create';
import { NameSchema } from './schema';

const SectionFields = z.object({ name: NameSchema, description: z.string().trim().max(500).default('') });

/** Adds an empty section. Users with all sections see it at once. */
export const addSection = command({
  name: 'sections.add',
  scope: 'account',
  allow: 'admins',
  input: SectionFields,
  run: ({ tx, accountId }, input) => createSection(tx, accountId, input),
  audit: ({ name }, { id }) => ({ summary: `Added the section “${name}”`, subject: `section:${id}` }),
});

/** Renames or describes a section. Its address stays. */
export const editSection = command({
  name: 'sections.edit',
  scope: 'section',
  allow: 'admins',
  input: SectionFields.extend({ sectionId: SectionIdSchema }),
  run: async ({ tx }, { sectionId, name, description }) => {
    const edited = await maybeOne<{ slug: string }>(
      tx,
      sql`update section set name = ${name}, description = ${description} where id = ${sectionId} returning slug`,
    );
    return edited ?? refuse('not_found', 'There is no such section.');
  },
  audit: ({ sectionId, name }) => ({ summary: `Edited the section “${name}”`, subject: `section:${sectionId}` }),
});
