import { problem, readRoute } from '@/app/read-route';
import { isSameOrigin } from '@/app/write-route';
import { peekAtFile } from '@/lib/imports/file';

/** How the beginning of a file would be read, while the rest of it is still on its way. Nothing is kept. */
export const POST = readRoute(async ({ request }) => {
  if (!isSameOrigin(request)) return problem(403, 'This request did not come from a page of Tagwell.');
  if (!request.body) return problem(400, 'There is no file in the request.');
  return peekAtFile(request.body as unknown as AsyncIterable<Uint8Array>);
});
