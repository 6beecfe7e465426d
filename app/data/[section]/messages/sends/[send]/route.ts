import { readRoute } from '@/app/read-route';
import { readSend } from '@/lib/messages/sends';

/** A send with its recipients by state. */
export const GET = readRoute<'send'>(({ actor, section, params, request }) =>
  readSend(actor, { sectionId: section.id, sendId: Number(params.send) }, { signal: request.signal }),
);
