// What somebody has looked at last, kept in their browser for each section.
import { z } from 'zod';

const RecentSchema = z.object({ path: z.string(), name: z.string() });
/** `path`: below the section's address. */
export type Recent = z.output<typeof RecentSchema>;

const KEPT = 8;
/** A page of one thing: `/profiles/7`, `/settings/integrations/3`. */
const OF_A_THING = /^\/(?:profiles|tags|segments|messages|forms|flows|imports|settings\/integrations)\/\d+$/;

const keyOf = (slug: string) => `tagwell-recent ${slug}`;

/** Newest first. Empty where the browser keeps nothing. */
export function readRecent(slug: string): Recent[] {
  try {
    return z.array(RecentSchema).parse(JSON.parse(localStorage.getItem(keyOf(slug)) ?? '[]'));
  } catch {
    return [];
  }
}

/** Notes a page by its address below the section's and its title; pages that are no thing's are not noted. */
export function noteRecent(slug: string, path: string, title: string): void {
  const name = title.replace(/ · Tagwell$/, '').trim();
  if (!OF_A_THING.test(path) || name === '' || name === 'Tagwell') return;
  const kept = [{ path, name }, ...readRecent(slug).filter((other) => other.path !== path)].slice(0, KEPT);
  try {
    localStorage.setItem(keyOf(slug), JSON.stringify(kept));
  } catch {
    // A browser that keeps nothing shows no recent pages.
  }
}
