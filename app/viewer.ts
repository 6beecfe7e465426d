// The viewer of a page and their permissions: loaded from the database for every request.
import { headers } from 'next/headers';
import { notFound, redirect } from 'next/navigation';
import { cache } from 'react';
import type { UserActor } from '@/lib/access/actor';
import { valueOf } from '@/lib/access/refusal';
import { readSections } from '@/lib/accounts/reads';
import type { SectionView } from '@/lib/accounts/schema';
import { findSignedIn } from '@/lib/accounts/sessions';
import { originOf, PATH_HEADER } from '@/lib/access/origin';
import { ownPath, signInPath } from './own-path';
import { readSessionId } from './session-cookies';

export type Viewer = { actor: UserActor; sections: SectionView[] };
export type SectionViewer = Viewer & { section: SectionView };

/** The signed-in person, or undefined. */
export const findViewer = cache(async (): Promise<UserActor | undefined> => {
  const sessionId = await readSessionId();
  return sessionId === undefined ? undefined : findSignedIn(sessionId, originOf(await headers()));
});

/** The requested page, with its query. */
async function askedPath(): Promise<string> {
  const url = new URL(ownPath((await headers()).get(PATH_HEADER)), 'http://own.invalid');
  // Added by Next on client-side navigation.
  url.searchParams.delete('_rsc');
  return ownPath(`${url.pathname}${url.search}`);
}

/** The signed-in person with their sections; others are sent to the sign-in page, and return to this page. */
export const requireViewer = cache(async (): Promise<Viewer> => {
  const actor = await findViewer();
  if (!actor) redirect(signInPath(await askedPath()));
  return { actor, sections: valueOf(await readSections(actor, {})) };
});

/** The section in the URL; 'not found' if the person may not see it. */
export const requireSection = cache(async (slug: string): Promise<SectionViewer> => {
  const viewer = await requireViewer();
  const section = viewer.sections.find((item) => item.slug === slug);
  if (!section) notFound();
  return { ...viewer, section };
});
