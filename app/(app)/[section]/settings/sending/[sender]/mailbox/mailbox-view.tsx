'use client';
// The built-in mailbox: the mails that it was given, and the one that is open beside them.
import clsx from 'clsx';
import { useRouter } from 'next/navigation';
import { ArrowRows } from '@/components/ui/arrow-rows';
import { Button, ButtonLink } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { Badge, Banner, cardClass, EmptyState, PageHeader, stackedClass, TableHead } from '@/components/ui/display';
import { FilterForm } from '@/components/ui/filter-form';
import { Link } from '@/components/ui/link';
import { NewestOlder } from '@/components/ui/newest-older';
import type { MessageId, SenderId } from '@/lib/db/ids';
import type { CaughtLine, CaughtMail, Reader } from '@/lib/sending/caught';
import type { SectionRef } from '../../words';
import { OpenMail } from './open-mail';
import { OpenSms } from './open-sms';

type Props = {
  section: SectionRef;
  sender: { id: SenderId; name: string };
  mails: CaughtLine[];
  search: string;
  /** Only what is of this message. */
  messageId: MessageId | null;
  before: number | null;
  older: number | null;
  open: CaughtMail | null;
  /** Those before and after the open one. */
  beside: { newer: number | null; older: number | null } | null;
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

export function MailboxView(props: Props) {
  const { section, sender, mails, search, messageId, before, older, open, beside, reader, isGone } = props;
  const router = useRouter();
  const here = `/${section.slug}/settings/sending/${sender.id}/mailbox`;
  const at = (part: { before?: number | null; mail?: number; message?: null }) => {
    const query = new URLSearchParams();
    if (search !== '') query.set('search', search);
    const place = part.before === undefined ? before : part.before;
    if (place !== null) query.set('before', String(place));
    if (messageId !== null && part.message !== null) query.set('message', String(messageId));
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
      <div className={open ? 'grid items-start gap-4 xl:grid-cols-[20rem_minmax(0,1fr)]' : ''}>
        <div className={clsx('min-w-0', open && 'max-xl:hidden')}>
          <FilterForm>
            {messageId !== null && <input type="hidden" name="message" value={messageId} />}
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
          {messageId !== null && (
            <p className="text-muted mb-3 text-[13px]">
              Only what is of one message.{' '}
              <Link href={at({ before: null, message: null })} className="underline">
                Show everything
              </Link>
            </p>
          )}
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
          ) : open ? (
            <BesideList mails={mails} openId={open.id} at={(mail) => at({ mail })} />
          ) : (
            <div className={`${cardClass} relative overflow-x-auto`}>
              <table className={stackedClass.table}>
                <TableHead stacked titles={['Subject', 'To', 'When']} />
                <ArrowRows className={stackedClass.body}>
                  {mails.map((mail) => (
                    <tr key={mail.id} className={stackedClass.row}>
                      <td className={stackedClass.cell}>
                        <Link href={at({ mail: mail.id })} className="text-accent-ink font-medium underline">
                          {mail.subject || (mail.channel === 'sms' ? '(empty)' : '(no subject)')}
                        </Link>{' '}
                        {mail.channel === 'sms' && <Badge>SMS</Badge>} {mail.isTest && <Badge tone="info">Test</Badge>}
                      </td>
                      <td className={clsx(stackedClass.cell, mail.channel === 'sms' && 'whitespace-nowrap')}>
                        {mail.to}
                      </td>
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
        </div>
        {open && (
          <div className="flex min-w-0 flex-col gap-3">
            <nav aria-label="Mails" className="flex flex-wrap items-center gap-2">
              <ButtonLink size="small" href={at({})}>
                All mails
              </ButtonLink>
              {beside?.newer != null && (
                <ButtonLink size="small" href={at({ mail: beside.newer })}>
                  Newer
                </ButtonLink>
              )}
              {beside?.older != null && (
                <ButtonLink size="small" href={at({ mail: beside.older })}>
                  Older
                </ButtonLink>
              )}
              {open.isTest && <Badge tone="info">Test</Badge>}
              {open.message && (
                <Link href={`/${section.slug}/messages/${open.message.id}`} className="text-accent-ink underline">
                  Of the message “{open.message.name}”
                </Link>
              )}
            </nav>
            {open.channel === 'email' ? <OpenMail key={open.id} mail={open} /> : <OpenSms sms={open} />}
          </div>
        )}
      </div>
    </>
  );
}

/** The list beside an open mail, where there is room for both. */
function BesideList({ mails, openId, at }: { mails: CaughtLine[]; openId: number; at: (mail: number) => string }) {
  return (
    <ol aria-label="Mails" className={`${cardClass} max-h-[calc(100dvh-12rem)] overflow-y-auto`}>
      {mails.map((mail) => (
        <li key={mail.id} className="border-line border-b last:border-b-0">
          <Link
            href={at(mail.id)}
            aria-current={mail.id === openId ? 'true' : undefined}
            className="hover:bg-hover aria-current:border-accent aria-current:bg-sunken block border-l-3 border-transparent px-3 py-2 -outline-offset-2"
          >
            <span className="block truncate font-medium">
              {mail.subject || (mail.channel === 'sms' ? '(empty)' : '(no subject)')}
            </span>
            <span className="text-muted block truncate text-[13px]">{mail.to}</span>
            <span className="text-muted flex items-center gap-2 text-[13px]">
              <DateTime value={mail.at} /> {mail.channel === 'sms' && <Badge>SMS</Badge>}{' '}
              {mail.isTest && <Badge tone="info">Test</Badge>}
            </span>
          </Link>
        </li>
      ))}
    </ol>
  );
}
