// What pages read about senders and the built-in mailbox.
import { z } from 'zod';
import { InSection } from '@/lib/access/declared';
import { mayAct } from '@/lib/access/policy';
import { query } from '@/lib/access/query';
import { refuse } from '@/lib/access/refusal';
import { inAddress, MessageIdSchema, positiveId, SenderIdSchema } from '@/lib/db/ids';
import { besideCaught, listCaught, readCaught, type Reader } from './caught';
import { listSenders } from './queries';
import { mayHandleLinks } from './system';

const InAddress = InSection.extend({ senderId: inAddress(SenderIdSchema) });
const GONE = 'This sender does not exist in this section.';

/** The senders of a section, by name. */
export const readSenders = query({
  name: 'sending.list',
  scope: 'section',
  allow: 'admins',
  input: InSection,
  run: ({ db, accountId }, { sectionId }) => listSenders(db, { sectionId, accountId }),
});

/** A sender. */
export const readSender = query({
  name: 'sending.read',
  scope: 'section',
  allow: 'admins',
  input: InAddress,
  run: async ({ db, accountId }, { sectionId, senderId }) => {
    const [sender] = senderId === null ? [] : await listSenders(db, { sectionId, accountId, only: senderId });
    return sender ?? refuse('not_found', GONE);
  },
});

/** A page of a built-in mailbox, newest first, and the opened mail: null if it is no longer kept, or not for the reader. */
export const readMailbox = query({
  name: 'sending.read-mailbox',
  scope: 'section',
  allow: 'everyone',
  input: InAddress.extend({
    search: z.string().max(200),
    before: positiveId(Number.MAX_SAFE_INTEGER).optional(),
    mailId: positiveId(Number.MAX_SAFE_INTEGER).optional(),
    messageId: MessageIdSchema.optional(),
    limit: z.int().positive().max(200),
  }),
  run: async ({ db, actor, accountId }, { sectionId, senderId, mailId, ...page }) => {
    const reader: Reader = !mayAct(actor, 'admins') ? 'user' : mayHandleLinks(actor) ? 'owner' : 'admin';
    const [sender] = senderId === null ? [] : await listSenders(db, { sectionId, accountId, only: senderId });
    if (sender?.kind !== 'mailbox') return refuse('not_found', GONE);
    const { before, limit, ...chosen } = page;
    const filter = { sectionId, senderId: sender.id, reader, ...chosen };
    const mails = await listCaught(db, { ...filter, before, limit });
    const open =
      mailId === undefined
        ? null
        : ((await readCaught(db, { sectionId, senderId: sender.id, reader, id: mailId })) ?? null);
    const beside = open && (await besideCaught(db, { ...filter, id: open.id }));
    return { sender: { id: sender.id, name: sender.name }, mails, open, beside, reader };
  },
});
