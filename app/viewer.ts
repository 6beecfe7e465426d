// Who looks at a page, and whether they may: loaded from the database at every request.
import { headers } from 'next/headers';
import { notFound, redirect } from 'next/navigation';
import { getServerSession } from 'next-auth';
import { cache } from 'react';
import type { UserActor } from '@/lib/access/actor';
import { findActor, listSections } from '@/lib/accounts/queries';
import type { SectionView } from '@/lib/accounts/schema';
import { pool } from '@/lib/db/pool';
import { originOf } from '@/lib/access/origin';
import { signInOptions } from './sign-in-options';

export type Viewer = { actor: UserActor; sections: SectionView[] };
export type SectionViewer = Viewer & { section: SectionView };

/** The signed-in person, or undefined. */
export const findViewer = cache(async (): Promise<UserActor | undefined> => {
  const session = await getServerSession(signInOptions);
  if (!session?.userId || session.sessionVersion === undefined) return undefined;
  return findActor(pool(), session.userId, session.sessionVersion, originOf(await headers()));
});

/** The signed-in person with their sections; anybody else is sent to sign in. */
export const requireViewer = cache(async (): Promise<Viewer> => {
  const actor = await findViewer();
  if (!actor) redirect('/sign-in');
  return { actor, sections: await listSections(pool(), actor) };
});

/** The section of the address; 'not found' where the person may not see it. */
export const requireSection = cache(async (slug: string): Promise<SectionViewer> => {
  const viewer = await requireViewer();
  const section = viewer.sections.find((one) => one.slug === slug);
  if (!section) notFound();
  return { ...viewer, section };
});
