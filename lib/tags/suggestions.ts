// Tags for a section that has none yet: what most teams mark people with, by what it is for.
import { z } from 'zod';
import { actorUserId } from '@/lib/access/actor';
import { command } from '@/lib/access/command';
import { SectionIdSchema } from '@/lib/db/ids';
import { newDiscriminator } from '@/lib/naming/discriminator';
import { nameKey } from '@/lib/naming/names';
import type { TagColour } from './colour';

export type SuggestedTag = { name: string; colour: TagColour | null; description: string };

/** By use case, as the reference has them (profile tags, 'Common use cases'). */
export const SUGGESTED_TAGS: readonly { use: string; tags: readonly SuggestedTag[] }[] = [
  {
    use: 'Audience groups',
    tags: [
      {
        name: 'VIP',
        colour: 'purple',
        description: 'People who get more than others: early access, a personal contact.',
      },
      { name: 'Partner', colour: 'blue', description: 'People at companies that we work with.' },
      { name: 'Beta tester', colour: 'teal', description: 'People who try new things before everybody else.' },
    ],
  },
  {
    use: 'Where people came from',
    tags: [
      { name: 'Newsletter Sign-up', colour: 'green', description: 'Signed up for the newsletter themselves.' },
      { name: 'Trade Show Lead', colour: 'yellow', description: 'Met at a trade show.' },
      { name: 'Webinar Participant', colour: 'sky', description: 'Took part in a webinar.' },
    ],
  },
  {
    use: 'Customer life cycle',
    tags: [
      { name: 'Onboarding', colour: 'sky', description: 'New customers who are getting to know us.' },
      { name: 'Active Customer', colour: 'green', description: 'Bought in the last twelve months.' },
      { name: 'Churned', colour: 'brown', description: 'Was a customer, and left.' },
    ],
  },
  {
    use: 'Left out',
    tags: [
      { name: 'Do not contact', colour: 'red', description: 'Exclude from everything that is sent.' },
      { name: 'Competitor', colour: 'orange', description: 'Works for a competitor: exclude from campaigns.' },
      { name: 'Test profile', colour: null, description: 'Our own addresses, to try things on.' },
    ],
  },
];

const BY_NAME = new Map(SUGGESTED_TAGS.flatMap(({ tags }) => tags.map((tag) => [tag.name, tag] as const)));

/** Creates some of the suggested tags: `{ created }`, how many. What has the same name already stays as it is. */
export const createSuggestedTags = command({
  name: 'tags.create-suggested',
  scope: 'section',
  allow: 'everyone',
  input: z.object({
    sectionId: SectionIdSchema,
    names: z
      .array(z.string().refine((name) => BY_NAME.has(name), 'Choose from the suggested tags.'))
      .min(1, 'Choose at least one tag.')
      .max(BY_NAME.size),
  }),
  run: async ({ prisma, actor }, { sectionId, names }) => {
    const { count } = await prisma.tag.createMany({
      data: [...new Set(names)].map((name) => ({
        sectionId,
        ...BY_NAME.get(name)!,
        nameKey: nameKey(name),
        discriminator: newDiscriminator('tags', name),
        createdBy: actorUserId(actor),
      })),
      skipDuplicates: true,
    });
    return { created: count };
  },
  audit: ({ names }, { created }) => ({
    summary: created === 1 ? 'Created 1 of the suggested tags' : `Created ${created} of the suggested tags`,
    subject: 'tags',
    details: { names },
  }),
});
