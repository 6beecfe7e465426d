import { problem, readRoute } from '@/app/read-route';
import { peekAtFile } from '@/lib/imports/file';

/** A preview of how a file will be read, from its beginning, while the rest is uploading. Nothing is stored. */
export const POST = readRoute(async ({ request }) => {
  if (!request.body) return problem(400, 'There is no file in the request.');
  return { ok: true, value: await peekAtFile(request.body) };
});
