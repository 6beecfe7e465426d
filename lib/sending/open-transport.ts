// Opens a sender for mails: what takes them.
import { isSmsKind } from '@/lib/sms/kinds';
import { MailboxTransport } from './mailbox';
import type { Mail, Outcome, Transport } from './outcome';
import type { OpenSender, ServerSettings } from './schema';
import { signMail } from './dkim';
import type { SmtpServer } from './smtp/line';
import { SmtpPool, type PoolOptions } from './smtp/pool';

/** The domain that a sender writes as. */
export const domainOfSender = ({ fromAddress }: Pick<OpenSender, 'fromAddress'>): string =>
  fromAddress.slice(fromAddress.lastIndexOf('@') + 1);

/** The mail server of a sender, as a connection needs it. */
export function serverOf(
  { host, port, encryption, user, ehloName }: ServerSettings,
  password: string | null,
  fromDomain: string,
): SmtpServer {
  const login = user === '' || password === null ? null : { user, password };
  return { host, port, encryption, login, ehloName: ehloName || fromDomain };
}

/** Opens a sender. Connects only when there is a mail. Whoever opens it closes it. */
export function openTransport(sender: OpenSender, options: Partial<PoolOptions> = {}): Transport {
  const { server, dkim } = sender.settings;
  if (isSmsKind(sender.kind)) return { deliver: async () => NO_MAIL, close: async () => undefined };
  if (sender.kind === 'mailbox' || !server) return new MailboxTransport(sender.sectionId, sender.id);
  if (sender.needsPassword) return { deliver: async () => WITHOUT_PASSWORD, close: async () => undefined };
  const domain = domainOfSender(sender);
  const pool = new SmtpPool(serverOf(server, sender.secrets.password, domain), {
    connections: server.connections,
    ...options,
  });
  const { dkimKey } = sender.secrets;
  if (!dkim || dkimKey === null) return pool;
  return {
    deliver: async (mail: Mail): Promise<Outcome> => {
      const raw = await signMail(mail.raw, { domain, selector: dkim.selector, privateKey: dkimKey }).catch(() => null);
      return raw === null ? UNSIGNED : pool.deliver({ ...mail, raw });
    },
    close: (graceMs) => pool.close(graceMs),
  };
}

const WITHOUT_PASSWORD: Outcome = {
  kind: 'senderFault',
  why: 'credentials',
  code: null,
  status: null,
  text: 'The password of the sender is no longer known. Enter it again in Settings → Sending.',
};

const NO_MAIL: Outcome = {
  kind: 'senderFault',
  why: 'permission',
  code: null,
  status: null,
  text: 'This sender sends SMS only.',
};

const UNSIGNED: Outcome = {
  kind: 'senderFault',
  why: 'permission',
  code: null,
  status: null,
  text: 'The mail could not be signed (DKIM). Make a new key.',
};
