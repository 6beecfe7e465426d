// Leads to what the built-in mailbox has kept of a section's messages and confirmation mails.
import { Link } from '@/components/ui/link';
import type { SenderId } from '@/lib/db/ids';

export const MailboxLink = ({ slug, senderId }: { slug: string; senderId: SenderId }) => (
  <Link href={`/${slug}/settings/sending/${senderId}/mailbox`} className="text-accent-ink self-start underline">
    Open the mailbox
  </Link>
);
