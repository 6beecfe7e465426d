import { problem, readRoute, resultJson } from '@/app/read-route';
import { environment } from '@/lib/config/environment';
import { uploadFile } from '@/lib/imports/stage';

/** Receives the raw bytes of a file and streams them into the database; `?name=` is its name. */
export const POST = readRoute(async ({ actor, section, search, request }) => {
  if (!request.body) return problem(400, 'There is no file in the request.');
  const maxBytes = environment().TAGWELL_MAX_UPLOAD_MB * 1_048_576;
  const upload = { sectionId: section.id, fileName: search.get('name') ?? '', maxBytes, signal: request.signal };
  return resultJson(await uploadFile(actor, upload, request.body));
});
