import { readRoute, resultJson } from '@/app/read-route';
import { addPicture } from '@/lib/messages/pictures';
import { shortened } from '@/lib/text/shortened';

/** Receives the bytes of a picture; `?name=` is its name. */
export const POST = readRoute(async ({ actor, section, search, request }) => {
  const bytes = new Uint8Array(await request.arrayBuffer());
  const name = shortened(search.get('name') ?? '', 200);
  return resultJson(await addPicture(actor, { sectionId: section.id, name, bytes }));
});
