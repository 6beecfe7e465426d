import { readRoute } from '@/app/read-route';
import { readLinkOptions } from '@/lib/messages/report';

/** The links of a message, for rules of segments. */
export const GET = readRoute<'message'>(({ actor, section, params }) =>
  readLinkOptions(actor, { sectionId: section.id, messageId: params.message }),
);
