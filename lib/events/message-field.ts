// How the message of an event, and the link that was clicked, are named as fields. Imports no server code, so that the builder of segments can use it.
import type { MessageId } from '@/lib/db/ids';

/** The field by which the message is chosen. Its value is the message's id. */
export const MESSAGE_FIELD = 'message';

/** The field by which a link of the chosen message is chosen, of the event 'Message: clicked'. Its value is the link's key: see `linkKey`. */
export const LINK_FIELD = 'link';

type Field = { code: string; compare: { test: string; text?: string } };

/** The message that fields of an event ask for; null if it is none, or any. */
export function chosenMessage(fields: readonly Field[]): MessageId | null {
  const chosen = fields.find(({ code, compare }) => code === MESSAGE_FIELD && compare.test === 'is');
  return chosen && /^[1-9]\d{0,8}$/.test(chosen.compare.text ?? '') ? (Number(chosen.compare.text) as MessageId) : null;
}
