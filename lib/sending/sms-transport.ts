// Opens a sender for SMS: what takes them.
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { openProvider, type SmsSecrets } from '@/lib/sms/account';
import { smsHookAddress } from '@/lib/sms/hook-address';
import { asSent } from '@/lib/sms/parts';
import { smsFromOf } from '@/lib/sms/sender-name';
import { HttpSmsTransport, type SmsOptions } from '@/lib/sms/transport';
import { MailboxTransport } from './mailbox';
import type { Mail, Outcome } from './outcome';
import type { OpenSender, StoredSmsSecrets } from './schema';

/** An SMS that is to be sent. */
export type OutgoingSms = Pick<Mail, 'onHanding' | 'forEveryone'> & {
  /** A number with its country code and without +, as keys of Mobile are stored. */
  to: string;
  text: string;
  /** The number of the recipient's row, by which the provider's reports name it; null: nothing is reported, as of a test. */
  reference: string | null;
  /** What has not arrived by then is not to arrive. */
  until?: Date | null;
};

/** Takes SMS one by one, several at once if it can. */
export type SmsTransport = {
  /** Hands an SMS over. Never throws because of the receiver. */
  deliver: (sms: OutgoingSms) => Promise<Outcome>;
  /** Lets what is under way end, for `graceMs` at most, and closes all connections. */
  close: (graceMs?: number) => Promise<void>;
};

/** Opens a sender for SMS. Connects only when there is one. Whoever opens it closes it. */
export function openSmsTransport(sender: OpenSender, options: Partial<SmsOptions> = {}): SmsTransport {
  const { sectionId, id: senderId, kind, settings, secrets } = sender;
  if (kind === 'mailbox') {
    const mailbox = new MailboxTransport(sectionId, senderId);
    const from = smsFromOf(sender);
    return checked({
      deliver: ({ until: _, ...sms }) => mailbox.deliverSms({ ...sms, from }),
      close: () => mailbox.close(),
    });
  }
  if (!settings.sms) return closedTransport('permission', 'This sender sends mails only.');
  if (secrets.sms === null) {
    return closedTransport(
      'credentials',
      'The password of the sender is no longer known. Enter it again in Settings → Sending.',
    );
  }
  const { account, connections } = settings.sms;
  const transport = new HttpSmsTransport(openProvider(account, secretsAt(secrets.sms)), sender.fromAddress, {
    connections,
    ...options,
  });
  return checked({
    deliver: ({ reference, forEveryone: _, until = null, ...sms }) => {
      const callback = reference === null ? null : smsHookAddress({ sectionId, senderId, reference });
      return transport.deliver({ ...sms, reference, callback, until });
    },
    close: (graceMs) => transport.close(graceMs),
  });
}

/** How long a provider may go on signing with what was replaced, in milliseconds. */
const FORMER_MS = 7 * 86_400_000;

/** The secrets of a sender, with those before as long as they hold. */
export function secretsAt({ changedAt, ...secrets }: StoredSmsSecrets, now = new Date()): SmsSecrets {
  const isOver = now.getTime() - Date.parse(changedAt) > FORMER_MS;
  return isOver ? { ...secrets, formerSecret: null, formerHookSecret: null } : secrets;
}

/** The provider of a sender, to read its reports with; undefined: it has none, or its secrets are no longer known. */
export function providerOf({ settings, secrets }: Pick<OpenSender, 'settings' | 'secrets'>) {
  return settings.sms && secrets.sms ? openProvider(settings.sms.account, secretsAt(secrets.sms)) : undefined;
}

const MOBILE = /^[1-9]\d{6,14}$/;

/** Looks at the number and the text before anything is handed over. */
const checked = ({ deliver, close }: SmsTransport): SmsTransport => ({
  deliver: async (sms) => {
    if (!MOBILE.test(sms.to)) return refusal('address', 'This is not a number with its country code.');
    if (parsePhoneNumberFromString(`+${sms.to}`)?.getType() === 'FIXED_LINE') {
      return refusal('address', 'This is a landline, which gets no SMS.');
    }
    const text = asSent(sms.text);
    if (text.trim() === '') return refusal('message', 'The text is empty for this person.');
    return deliver({ ...sms, text });
  },
  close,
});

const refusal = (why: 'address' | 'message', text: string): Outcome => ({
  kind: 'refused',
  why,
  code: null,
  status: null,
  text,
});

const closedTransport = (why: 'permission' | 'credentials', text: string): SmsTransport => ({
  deliver: async () => ({ kind: 'senderFault', why, code: null, status: null, text }),
  close: async () => undefined,
});
