// Sections of the account: created and renamed by Owners and Admins.
import { z } from 'zod';
import { command } from '@/lib/access/command';
import { SectionIdSchema } from '@/lib/db/ids';
import { createSection } from './create';
import { NameSchema } from './schema';

const SectionFields = z.object({ name: NameSchema, description: z.string().trim().max(500).default('') });

/** Adds an empty section. Users with access to all sections see it at once. */
export const addSection = command({
  name: 'sections.add',
  scope: 'account',
  allow: 'admins',
  input: SectionFields,
  run: ({ tx, accountId }, input) => createSection(tx, accountId, input),
  audit: ({ name }, { id }) => ({ summary: `Added the section “${name}”`, subject: `section:${id}` }),
});

/** Renames or describes a section. Its slug stays. */
export const editSection = command({
  name: 'sections.edit',
  scope: 'section',
  allow: 'admins',
  input: SectionFields.extend({ sectionId: SectionIdSchema }),
  run: ({ prisma }, { sectionId, name, description }) =>
    prisma.section.update({ where: { id: sectionId }, data: { name, description }, select: { slug: true } }),
  audit: ({ sectionId, name }) => ({ summary: `Edited the section “${name}”`, subject: `section:${sectionId}` }),
});
