// Sections of the account: created and renamed by Owners and Admins.
import { z } from 'zod';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { SectionIdSchema } from '@/lib/db/ids';
import { proseSchema } from '@/lib/text/prose';
import { TimeZoneSchema } from '@/lib/text/time-zone';
import { createSection } from './create';
import { sectionsOf } from './role-rules';
import { NameSchema } from './schema';

const SectionFields = z.object({
  name: NameSchema,
  description: proseSchema(500).default(''),
  timeZone: TimeZoneSchema.optional(),
});

const ADD_NEEDS_ALL =
  'Only people with access to all sections can add a section: you could not access it. Ask an Account Owner.';

/** Adds an empty section. Users with access to all sections see it at once; nobody else could add what they cannot see. */
export const addSection = command({
  name: 'sections.add',
  scope: 'account',
  allow: 'admins',
  input: SectionFields,
  run: ({ tx, actor, accountId }, input) => {
    if (sectionsOf(actor) !== 'all') refuse('not_allowed', ADD_NEEDS_ALL);
    return createSection(tx, accountId, input);
  },
  audit: ({ name }, { id }) => ({ summary: `Added the section “${name}”`, subject: `section:${id}` }),
});

/** Renames or describes a section, or says by whose clock it works. Its slug stays, and so does what has been scheduled. */
export const editSection = command({
  name: 'sections.edit',
  scope: 'section',
  allow: 'admins',
  input: SectionFields.extend({ sectionId: SectionIdSchema }),
  run: ({ prisma }, { sectionId, name, description, timeZone }) =>
    prisma.section.update({ where: { id: sectionId }, data: { name, description, timeZone }, select: { slug: true } }),
  audit: ({ sectionId, name }) => ({ summary: `Edited the section “${name}”`, subject: `section:${sectionId}` }),
});
