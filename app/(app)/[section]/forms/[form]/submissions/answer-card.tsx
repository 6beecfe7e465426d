'use client';
// One submission with all of its answers, and what can be done with it.
import { Mail, Trash2 } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { Button } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { Dialog } from '@/components/ui/dialog';
import type { InJson } from '@/components/ui/in-json';
import { Link } from '@/components/ui/link';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { FormId, SectionId } from '@/lib/db/ids';
import { decideSubmissionsAction, sendConfirmationAgainAction, undecideSubmissionsAction } from '../../actions';
import type { ShownRow } from './rows-of';
import { VIA_WORDS } from '@/lib/forms/state-words';
import { State } from './submissions-table';

type Props = {
  section: { id: SectionId; slug: string };
  form: { id: FormId };
  questions: readonly { id: string; label: string }[];
  row: InJson<ShownRow>;
  onClose: () => void;
};

/** Not while it is being applied, and not twice. */
const REMOVABLE = ['quarantined', 'failed', 'done', 'pending', 'waiting'];

export function AnswerCard({ section, form, questions, row, onClose }: Props) {
  const router = useRouter();
  const toast = useToast();
  const { send, pending } = useSubmission();
  const of = { sectionId: section.id, formId: form.id };
  const about = [`form-decision:${form.id}`];
  const answered = questions.filter(({ id }) => row.answers?.[id] !== undefined);
  const via = VIA_WORDS[row.via];

  async function remove() {
    const input = { ...of, from: row.state, decision: 'remove', submissionIds: [row.id] };
    const result = await send(decideSubmissionsAction, input, crypto.randomUUID());
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger', about });
    const { count, decidedAt } = result.value;
    onClose();
    router.refresh();
    if (count === 0) return toast('It has changed in the meantime. Look at it again.', { tone: 'danger', about });
    toast('1 submission removed', { about, action: { label: 'Undo', run: () => void bringBack(decidedAt) } });
  }

  async function bringBack(decidedAt: string) {
    const result = await send(undecideSubmissionsAction, { ...of, to: row.state, decidedAt }, crypto.randomUUID());
    router.refresh();
    toast(result.ok ? '1 submission is here again' : result.refusal.message, {
      about,
      ...(!result.ok && { tone: 'danger' as const }),
    });
  }

  async function sendAgain() {
    const result = await send(sendConfirmationAgainAction, { ...of, submissionId: row.id }, crypto.randomUUID());
    router.refresh();
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger', about });
    toast(`The mail goes to ${row.title} once more`, { about });
  }

  return (
    <Dialog
      title={row.title || 'A submission'}
      isOpen
      onClose={onClose}
      wide
      unsaved={false}
      actions={
        <>
          {row.state === 'pending' && row.mail !== 'waiting' && !row.isSentAgain && row.answers !== null && (
            <Button isPending={pending} onPress={() => void sendAgain()}>
              <Mail aria-hidden className="size-4" /> Send the confirmation again
            </Button>
          )}
          {REMOVABLE.includes(row.state) && (
            <Button variant="danger" isPending={pending} onPress={() => void remove()}>
              <Trash2 aria-hidden className="size-4" /> Remove
            </Button>
          )}
          <Button onPress={onClose}>Close</Button>
        </>
      }
    >
      <div className="text-muted flex flex-wrap items-start gap-x-4 gap-y-1 text-[13px]">
        <State row={row} />
        <span>
          <DateTime value={row.at} exact />
        </span>
        <span>Version {row.version}</span>
        {via && <span>Came {via}</span>}
        {row.referrer !== '' && <span className="wrap-anywhere">from {row.referrer}</span>}
        {row.profileId !== null && (
          <Link href={`/${section.slug}/profiles/${row.profileId}`} className="underline">
            Profile
          </Link>
        )}
      </div>
      {row.signs.length > 0 && <p className="text-muted text-[13px]">What speaks for spam: {row.signs.join(', ')}.</p>}
      {row.answers === null ? (
        <p className="text-muted italic">The answers have been erased.</p>
      ) : (
        <dl className="flex flex-col gap-3">
          {answered.map(({ id, label }) => (
            <div key={id}>
              <dt className="text-muted text-[13px] wrap-anywhere">{label}</dt>
              <dd className="wrap-anywhere whitespace-pre-line" dir="auto">
                {row.answers?.[id] || '–'}
              </dd>
            </div>
          ))}
        </dl>
      )}
      {row.state === 'done' && (
        <p className="text-muted text-[13px]">
          If you remove it, its answers are forgotten here and in segments. What the profile got by it stays: values,
          tags and consents.
        </p>
      )}
    </Dialog>
  );
}
