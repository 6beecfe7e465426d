// Whoever follows a link of a mail, or loads the picture in it. Thousands do in the same minutes, so this needs no framework: it is called with the
// server's own requests, and by the routes of tracking.ts for what those leave to them.
import { answers } from '@/lib/messages/answers';
import { destinationOfLink } from '@/lib/messages/linked';
import { LINK_PATHS } from '@/lib/messages/links';
import type { Answer } from '@/lib/messages/machines';
import { readMessageToken, type Named } from '@/lib/messages/token';

/** An answer to somebody who may be anybody: nothing keeps it. */
export const NOT_KEPT = { 'cache-control': 'no-store', 'x-robots-tag': 'noindex, nofollow' };

const PICTURE = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');

/** Who asks. `agent`: what the program calls itself. `ahead`: a browser fetches the page in case somebody opens it. */
export type Follower = { method: string; agent: string; ahead: boolean };

/** Who asks, by the request. */
export const followerOf = (method: string, header: (name: string) => string | undefined): Follower => ({
  method,
  agent: header('user-agent') ?? '',
  ahead: /prefetch|prerender|preview/i.test(`${header('sec-purpose') ?? ''} ${header('purpose') ?? ''}`),
});

export type Followed = { status: number; headers: Record<string, string>; body: Buffer<ArrayBuffer> | null };

/** What the request for a link or a picture is answered with, and notes it; undefined: it is for neither, or the link leads nowhere. */
export function follow(url: string, by: Follower): Promise<Followed | undefined> | undefined {
  if (url.startsWith(LINK_PATHS.click)) return click(url.slice(LINK_PATHS.click.length), by);
  if (url.startsWith(LINK_PATHS.open)) return Promise.resolve(picture(url.slice(LINK_PATHS.open.length), by));
  return undefined;
}

async function click(text: string, by: Follower): Promise<Followed | undefined> {
  const named = readMessageToken('click', text);
  const address = named === null ? undefined : await destinationOfLink(named);
  if (named === null || address === undefined) return undefined;
  note(by, 'clicked', named, named.link);
  return {
    status: 302,
    headers: {
      ...NOT_KEPT,
      location: address,
      'referrer-policy': 'strict-origin-when-cross-origin',
      'content-length': '0',
    },
    body: null,
  };
}

/** Also for a token that is none of ours: no mail program shows a broken picture. */
function picture(text: string, by: Follower): Followed {
  const named = readMessageToken('open', text);
  if (named !== null) note(by, 'opened', named, null);
  return {
    status: named === null ? 404 : 200,
    headers: { ...NOT_KEPT, 'content-type': 'image/gif', 'content-length': String(PICTURE.length) },
    body: PICTURE,
  };
}

/** Notes what a recipient did; nothing for a test or a preview. */
export function note(
  { method, agent, ahead }: Follower,
  kind: Answer,
  { sectionId, number }: Named,
  link: number | null,
): void {
  if (number === null) return;
  answers.note({ sectionId, number, kind, link, at: new Date(), agent, head: method === 'HEAD' || ahead });
}
