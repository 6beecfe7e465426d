import { cache } from 'react';
import type { UserActor } from '@/lib/access/actor';
import type { SectionId } from '@/lib/db/ids';
import { readFlow } from '@/lib/flows/reads';

/** The title of a page and the page itself ask for the same flow. */
export const readFlowOnce = cache((actor: UserActor, sectionId: SectionId, flowId: string) =>
  readFlow(actor, { sectionId, flowId }),
);
