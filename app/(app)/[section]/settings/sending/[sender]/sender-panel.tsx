'use client';
// A sender: a test, whether it is paused, what it is used for, and its domain.
import { Ellipsis, Inbox } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState, type ReactNode } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { Button, ButtonLink } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { Banner, cardClass, PageHeader } from '@/components/ui/display';
import { Checkbox } from '@/components/ui/field';
import { Link } from '@/components/ui/link';
import { Menu } from '@/components/ui/menu';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { SenderView } from '@/lib/sending/schema';
import { pauseSenderAction, removeSenderAction, sendTestMailAction, chooseForSystemMailAction } from '../actions';
import { SenderBadges } from '../senders-view';
import { outcomeInWords, placeOf, type SectionRef } from '../words';
import { DomainCard } from './domain-card';
import { ReportsCard } from './reports-card';
import { TestSms } from './test-sms';

type Props = {
  section: SectionRef;
  sender: SenderView;
  /** The address that links in mails lead to, if it works on this machine only. */
  localLinks: string | null;
  /** The viewer decides what invitations and password links go through. */
  maySetSystem: boolean;
  /** The form of its settings. */
  children: ReactNode;
};

export function SenderPanel({ section, sender, localLinks, maySetSystem, children }: Props) {
  const router = useRouter();
  const toast = useToast();
  const { pending, send } = useSubmission();
  const [tested, setTested] = useState<{ text: string; fine: boolean } | null>(null);
  const list = `/${section.slug}/settings/sending`;
  const isMailbox = sender.kind === 'mailbox';
  const isSms = sender.sms !== null;
  const ids = { sectionId: section.id, senderId: sender.id };

  async function test() {
    setTested(null);
    const result = await send(sendTestMailAction, ids, Date.now());
    if (!result.ok) return setTested({ text: result.refusal.message, fine: false });
    setTested(outcomeInWords(result.value.outcome, result.value.to, isMailbox));
    router.refresh();
  }

  async function pause(paused: boolean) {
    const result = await send(pauseSenderAction, { ...ids, paused });
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger' });
    toast(paused ? 'Paused: mails wait until you resume it' : 'Resumed', {
      action: { label: 'Undo', run: () => void pause(!paused) },
    });
    router.refresh();
  }

  async function remove() {
    const result = await send(removeSenderAction, { ...ids, removed: true });
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger' });
    toast(`“${sender.name}” has been removed`, { action: { label: 'Undo', run: () => void bringBack() } });
    router.push(list);
  }

  async function bringBack() {
    const result = await send(removeSenderAction, { ...ids, removed: false });
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger' });
    toast(`“${sender.name}” is back`);
    router.refresh();
  }

  async function forSystem(used: boolean) {
    const result = await send(chooseForSystemMailAction, { ...ids, used });
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger' });
    router.refresh();
  }

  return (
    <>
      <PageHeader
        title={
          <>
            {sender.name} <SenderBadges sender={sender} />
          </>
        }
        actions={
          <>
            {isMailbox && (
              <ButtonLink variant="primary" href={`${list}/${sender.id}/mailbox`}>
                <Inbox aria-hidden className="size-4" /> Open the mailbox
              </ButtonLink>
            )}
            {!isSms && (
              <Button isPending={pending} onPress={() => void test()}>
                Send a test mail to me
              </Button>
            )}
            {(isSms || isMailbox) && (
              <TestSms section={section} senderId={sender.id} isMailbox={isMailbox} onTested={setTested} />
            )}
            <Menu
              label="More for this sender"
              entries={[
                sender.pausedAt
                  ? { id: 'resume', text: 'Resume', label: 'Resume', onAction: () => void pause(false) }
                  : { id: 'pause', text: 'Pause', label: 'Pause', onAction: () => void pause(true) },
                'line',
                { id: 'remove', text: 'Remove', label: 'Remove', danger: true, onAction: () => void remove() },
              ]}
              trigger={
                <AriaButton aria-label="More for this sender" className="hover:bg-hover rounded-md p-2">
                  <Ellipsis aria-hidden className="size-4" />
                </AriaButton>
              }
            />
          </>
        }
      >
        {isSms ? sender.fromAddress : `${sender.fromName} <${sender.fromAddress}>`} · {placeOf(sender)}
      </PageHeader>
      <div className="flex flex-col gap-4">
        {isMailbox && (
          <Banner tone="warning">
            This is not a real sender: it keeps every mail and SMS in Tagwell’s database, where Admins can read it, and
            sends nothing to anybody. The newest 5,000 are kept, for 14 days at most.
          </Banner>
        )}
        {sender.needsPassword && (
          <Banner tone="danger">
            Its password is no longer known, so nothing goes through it. Edit the sender and enter the password again
            {isSms ? '.' : '; a new key for DKIM has to be made.'}
          </Banner>
        )}
        {sender.pausedAt && (
          <Banner tone="warning">
            Paused <DateTime value={sender.pausedAt} />. What is to go through it waits until it is resumed; a test goes
            out all the same.
          </Banner>
        )}
        {tested && <Banner tone={tested.fine ? 'success' : 'danger'}>{tested.text}</Banner>}
        {isSms && <ReportsCard sender={sender} />}
        {!isSms && (
          <section className={`${cardClass} flex max-w-2xl flex-col gap-2 p-4`}>
            <h2 className="font-semibold">Invitations and password links</h2>
            <Checkbox
              isSelected={sender.isForSystem}
              isDisabled={pending || !maySetSystem}
              onChange={(used) => void forSystem(used)}
            >
              Also used for invitations and resets
            </Checkbox>
            <p className="text-muted text-[13px]">
              One sender of the account sends invitations and password links, and lets people who have forgotten their
              password ask for a link themselves. Without one, links are shown to those who make them.
              {!maySetSystem &&
                ` Account Owners with access to all sections choose it${sender.isForSystem ? ', and change this sender' : ''}.`}
            </p>
            {sender.isForSystem && localLinks !== null && !isMailbox && (
              <Banner tone="warning">
                Links in these mails lead to {localLinks}, which works on this machine only. The person who runs Tagwell
                sets the right address with TAGWELL_URL.
              </Banner>
            )}
          </section>
        )}
        {!isMailbox && !isSms && <DomainCard section={section} sender={sender} />}
        {children}
        <p>
          <Link href={list} className="text-accent-ink underline">
            All senders
          </Link>
        </p>
      </div>
    </>
  );
}
