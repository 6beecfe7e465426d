// Where the mails of a sender come back to if they cannot be delivered.
import { z } from 'zod';
import { command } from '@/lib/access/command';
import { refuse } from '@/lib/access/refusal';
import { isSmsKind } from '@/lib/sms/kinds';
import { readAddress } from './address';
import { lockSender } from './save';
import { InSender, RETURN_FORMS, type SenderSettings } from './schema';
import { requireMayChangeSender } from './system';

/** Before the @ there is room for 64 characters; what names the recipient takes 32 and a sign. */
const LOCAL_MAX = 64 - 33;

/** Sets the return address; empty: mails come back to the from address. */
export const setReturnAddress = command({
  name: 'sending.set-return-address',
  scope: 'section',
  allow: 'admins',
  input: InSender.extend({
    address: z
      .string()
      .trim()
      .max(320)
      .refine(
        (text) => text === '' || readAddress(text)?.ascii === true,
        'Enter an email address, such as bounces@example.com.',
      )
      .transform((text) => (text === '' ? null : (readAddress(text)?.address ?? null))),
    form: z.enum(RETURN_FORMS),
  }),
  run: async ({ tx, prisma, actor }, { sectionId, senderId, address, form }) => {
    const { name, kind, settings } = await lockSender(tx, sectionId, senderId);
    await requireMayChangeSender(tx, actor, { sectionId, senderId });
    if (isSmsKind(kind)) refuse('invalid', 'This sender sends no mails.');
    if (address !== null && (form === 'plus' || form === 'minus') && address.lastIndexOf('@') > LOCAL_MAX) {
      refuse(
        'invalid',
        `Use at most ${LOCAL_MAX} characters before the @: what names the recipient is added to them.`,
        {
          field: 'address',
        },
      );
    }
    const after: SenderSettings = { ...settings, returns: address === null ? null : { address, form } };
    await prisma.sender.update({
      where: { sectionId_id: { sectionId, id: senderId } },
      data: { settings: after },
      select: { id: true },
    });
    return { name };
  },
  audit: ({ senderId, address, form }, { name }) => ({
    summary: `Set the return address of the sender “${name}”`,
    subject: `sender:${senderId}`,
    details: { address: address ?? '', form },
  }),
});
