// How what a send says is written for a person and handed over, by its channel. A sender may take both: the built-in mailbox does.
import type { TopicId } from '@/lib/db/ids';
import { variantOf } from '@/lib/mail-document/compile';
import type { Recipient } from '@/lib/mail-document/render';
import { openTransport } from '@/lib/sending/open-transport';
import type { Outcome } from '@/lib/sending/outcome';
import type { OpenSender } from '@/lib/sending/schema';
import type { PoolOptions } from '@/lib/sending/smtp/pool';
import { openSmsTransport } from '@/lib/sending/sms-transport';
import type { SmsOptions } from '@/lib/sms/transport';
import type { Result } from './results';
import { openWriter, type MailFor } from './mail';
import type { OpenSend } from './progress';
import { writeSms } from './sms';
import { hasUntil, hoursFor } from './sms-hours';

/** Something written for one person. `about`: what is recorded of it, whatever becomes of it. */
export type Hand = {
  over: (onHanding: () => Promise<void>) => Promise<Outcome>;
  about: Pick<Result, 'parts'>;
};

export type HandsOptions = Partial<PoolOptions> & { sms?: Partial<SmsOptions> };

export type Hands = {
  /** Prepares what all of a send have in common. What it returns throws `UnwritableMail`, or `ComposeError` for an address. */
  open: (
    send: OpenSend,
    topic: { id: TopicId; name: string } | null,
  ) => (to: MailFor & { number: number; variant: number }, person: Recipient) => Hand;
  /** Lets what is under way end, for `graceMs` at most. */
  close: (graceMs?: number) => Promise<void>;
};

/** Opens a sender for all that its sends say. Whoever opens it closes it. */
export function openHands(sender: OpenSender, { sms: smsOptions, ...options }: HandsOptions): Hands {
  const { connections } = options;
  const mails = openTransport(sender, options);
  const texts = openSmsTransport(sender, { ...(connections !== undefined && { connections }), ...smsOptions });
  return {
    open: (send, topic) => {
      const { sectionId, id, settings } = send;
      const forEveryone = send.kind === 'marketing';
      if (send.channel === 'sms') {
        const hours = hoursFor(send, sender);
        return ({ number, address }, person) => {
          const { text, parts } = writeSms(send.compiled, { sectionId, number, settings }, person);
          return {
            over: (onHanding) =>
              texts.deliver({
                ...{ to: address, text, reference: String(number), forEveryone, onHanding },
                until: hasUntil(hours, new Date()),
              }),
            about: { parts },
          };
        };
      }
      const writers = Array.from({ length: send.ab?.variants ?? 1 }, (_, variant) =>
        openWriter({ ...send, compiled: variantOf(send.compiled, variant), sendId: id, topic, sender }),
      );
      return (to, person) => {
        const mail = writers[to.variant]!(to, person);
        return { over: (onHanding) => mails.deliver({ ...mail, forEveryone, onHanding }), about: {} };
      };
    },
    close: async (graceMs) => {
      await Promise.all([mails.close(graceMs), texts.close(graceMs)]);
    },
  };
}
