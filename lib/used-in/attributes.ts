// Hiding an attribute and showing it again, with what follows for its users.
import { z } from 'zod';
import { command } from '@/lib/access/command';
import { writeAttributeHidden } from '@/lib/attributes/commands';
import { AttributeIdSchema, SectionIdSchema } from '@/lib/db/ids';
import { takeUpWaitingFor } from '@/lib/forms/waiting';

/** Hides an attribute, or shows it again: then submissions of forms that waited for it are applied. */
export const setAttributeHidden = command({
  name: 'attributes.set-hidden',
  scope: 'section',
  allow: 'admins',
  input: z.object({ sectionId: SectionIdSchema, attributeId: AttributeIdSchema, hidden: z.boolean() }),
  run: async ({ tx, prisma, actor }, { sectionId, attributeId, hidden }) => {
    const { name } = await writeAttributeHidden({ tx, prisma, actor }, { sectionId, attributeId, hidden });
    if (!hidden) await takeUpWaitingFor(tx, sectionId, { kind: 'attribute', id: attributeId }, new Date());
    return { name };
  },
  audit: ({ attributeId, hidden }, { name }) => ({
    summary: `${hidden ? 'Hid' : 'Showed'} the attribute “${name}”`,
    subject: `attribute:${attributeId}`,
  }),
});
