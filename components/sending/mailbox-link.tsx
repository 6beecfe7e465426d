// Leads to what the built-in mailbox has kept of a section's messages and confirmation mails.
import { Link } from '@/components/ui/link';
import type { MessageId, SenderId } from '@/lib/db/ids';

/** `messageId`: only what was sent of it. */
export const MailboxLink = ({
  slug,
  senderId,
  messageId,
}: {
  slug: string;
  senderId: SenderId;
  messageId?: MessageId;
}) => (
  <Link
    href={`/${slug}/settings/sending/${senderId}/mailbox${messageId === undefined ? '' : `?message=${messageId}`}`}
    className="text-accent-ink self-start underline"
  >
    Open the mailbox
  </Link>
);
