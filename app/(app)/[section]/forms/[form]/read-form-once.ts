import { cache } from 'react';
import type { UserActor } from '@/lib/access/actor';
import type { SectionId } from '@/lib/db/ids';
import { readForm } from '@/lib/forms/reads';

/** The title of a page and the page itself ask for the same form. */
export const readFormOnce = cache((actor: UserActor, sectionId: SectionId, formId: string) =>
  readForm(actor, { sectionId, formId }),
);
