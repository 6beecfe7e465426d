'use client';
// The built-in mailbox: the mails that it was given, and the one that is open beside them.
import clsx from 'clsx';
import { useRouter } from 'next/navigation';
import { ArrowRows } from '@/components/ui/arrow-rows';
import { Button } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { Badge, Banner, cardClass, EmptyState, PageHeader, stackedClass, TableHead } from '@/components/ui/display';
import { FilterForm } from '@/components/ui/filter-form';
import { Link } from '@/components/ui/link';
import { NewestOlder } from '@/components/ui/newest-older';
import type { SenderId } from '@/lib/db/ids';
import type { CaughtLine, CaughtMail, Reader } from '@/lib/sending/caught';
import type { SectionRef } from '../../words';
import { OpenMail } from './open-mail';
import { OpenSms } from './open-sms';

type Props = {
  section: SectionRef;
  sender: { id: SenderId; name: string };
  mails: CaughtLine[];
  search: string;
  before: number | null;
  older: number | null;
  open: CaughtMail | null;
  reader: Reader;
  /** The mail of the address is no longer kept. */
  isGone: boolean;
};

/** What else is kept here. */
const HIDDEN: Record<Reader, string> = {
  owner: '',
  admin: ' Invitations and password links are shown to Account Owners only.',
  user: ' You see marketing messages and the mails of forms; service messages and system mails are for Admins.',
};

export function MailboxView({ section, sender, mails, search, before, older, open, reader, isGone }: Props) {
  const router = useRouter();
  const here = `/${section.slug}/settings/sending/${sender.id}/mailbox`;
  const at = (part: { before?: number | null; mail?: number }) => {
    const query = new URLSearchParams();
    if (search !== '') query.set('search', search);
    const place = part.before === undefined ? before : part.before;
    if (place !== null) query.set('before', String(place));
    if (part.mail !== undefined) query.set('mail', String(part.mail));
    return query.size === 0 ? here : `${here}?${query}`;
  };
  return (
    <>
      <PageHeader title={sender.name} actions={<Button onPress={() => router.refresh()}>Refresh</Button>}>
        {reader === 'user' ? (
          'What this section’s messages and forms would have sent.'
        ) : (
          <Link href={`/${section.slug}/settings/sending/${sender.id}`} className="text-accent-ink underline">
            Settings of this mailbox
          </Link>
        )}
      </PageHeader>
      <div className="mb-3">
        <Banner tone="warning">
          Nothing here was sent to anybody: the built-in mailbox keeps mails and SMS, and that is all.
          {HIDDEN[reader]}
        </Banner>
      </div>
      <FilterForm>
        <label className="flex max-w-sm flex-1 flex-col gap-1 text-[13px] font-medium">
          Recipient or subject
          <input
            type="search"
            name="search"
            defaultValue={search}
            maxLength={200}
            className="border-line-strong bg-surface h-9 rounded-md border px-2.5 font-normal"
          />
        </label>
      </FilterForm>
      {isGone && (
        <div className="mb-3">
          <Banner>This mail is no longer kept.</Banner>
        </div>
      )}
      {mails.length === 0 ? (
        <EmptyState title={search === '' ? 'No mails yet' : 'No mail fits'}>
          {search === ''
            ? `What is sent through this mailbox appears here: send a test${reader === 'user' ? ' of a message' : ', or invite somebody'}.`
            : 'Search for another recipient or subject.'}
        </EmptyState>
      ) : (
        <div className={`${cardClass} relative overflow-x-auto`}>
          <table className={stackedClass.table}>
            <TableHead stacked titles={['Subject', 'To', 'When']} />
            <ArrowRows className={stackedClass.body}>
              {mails.map((mail) => (
                <tr key={mail.id} className={stackedClass.row} aria-current={mail.id === open?.id ? 'true' : undefined}>
                  <td className={stackedClass.cell}>
                    <Link href={`${at({ mail: mail.id })}#mail`} className="text-accent-ink font-medium underline">
                      {mail.subject || (mail.channel === 'sms' ? '(empty)' : '(no subject)')}
                    </Link>{' '}
                    {mail.channel === 'sms' && <Badge>SMS</Badge>}
                  </td>
                  <td className={clsx(stackedClass.cell, mail.channel === 'sms' && 'whitespace-nowrap')}>{mail.to}</td>
                  <td className={stackedClass.cell}>
                    <DateTime value={mail.at} exact />
                  </td>
                </tr>
              ))}
            </ArrowRows>
          </table>
        </div>
      )}
      <NewestOlder
        newest={before === null ? null : at({ before: null })}
        older={older === null ? null : at({ before: older })}
      />
      {open?.channel === 'email' && <OpenMail key={open.id} mail={open} />}
      {open?.channel === 'sms' && <OpenSms sms={open} />}
    </>
  );
}
