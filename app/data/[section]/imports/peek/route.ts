import { problem } from '@/app/read-route';
import { postRoute } from '@/app/write-route';
import { peekAtFile } from '@/lib/imports/file';

/** How the beginning of a file would be read, while the rest of it is still on its way. Nothing is kept. */
export const POST = postRoute(async ({ request }) => {
  if (!request.body) return problem(400, 'There is no file in the request.');
  return { ok: true, value: await peekAtFile(request.body as unknown as AsyncIterable<Uint8Array>) };
});
