'use client';
// Releases or removes the chosen submissions, or all of them, with undo.
import { Check, Trash2 } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { Button } from '@/components/ui/button';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { FormId, SectionId, SubmissionId } from '@/lib/db/ids';
import { decideSubmissionsAction, undecideSubmissionsAction } from '../../actions';

/** Until what was released is applied. */
const APPLIED_MS = 25_000;

type Decision = 'release' | 'remove';

type Props = {
  section: { id: SectionId };
  form: { id: FormId };
  from: 'quarantined' | 'failed';
  chosen: ReadonlySet<SubmissionId>;
  /** How many there are, on all pages. */
  total: number;
  onClear: () => void;
};

const inWords = (count: number) => (count === 1 ? '1 submission' : `${count.toLocaleString('en-GB')} submissions`);

export function DecisionBar({ section, form, from, chosen, total, onClear }: Props) {
  const router = useRouter();
  const toast = useToast();
  const { send, pending } = useSubmission();
  const of = { sectionId: section.id, formId: form.id };
  const about = [`form-decision:${form.id}`];
  const isAll = chosen.size === 0;
  const words = from === 'failed' ? 'Try again' : 'Release';

  async function decide(decision: Decision) {
    const input = { ...of, from, decision, submissionIds: isAll ? null : [...chosen] };
    const result = await send(decideSubmissionsAction, input, crypto.randomUUID());
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger', about });
    const { count, decidedAt } = result.value;
    onClear();
    router.refresh();
    // Once it is applied, it is among others.
    if (decision === 'release') setTimeout(() => router.refresh(), APPLIED_MS);
    toast(decision === 'release' ? `${inWords(count)} released, as if just sent` : `${inWords(count)} removed`, {
      about,
      ...(count > 0 && { action: { label: 'Undo', run: () => void undo(decidedAt) } }),
    });
  }

  async function undo(decidedAt: string) {
    const result = await send(undecideSubmissionsAction, { ...of, to: from, decidedAt }, crypto.randomUUID());
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger', about });
    const { count, kept } = result.value;
    router.refresh();
    toast(
      kept === 0
        ? `${inWords(count)} ${count === 1 ? 'is' : 'are'} here again`
        : `${inWords(count)} ${count === 1 ? 'is' : 'are'} here again. ${inWords(kept)} had been applied already.`,
      { about },
    );
  }

  return (
    <div role="group" aria-label="What becomes of them" className="flex flex-wrap items-center gap-2">
      <span role="status" className="text-muted text-[13px]">
        {isAll ? `All ${inWords(total)}:` : `${inWords(chosen.size)} chosen:`}
      </span>
      <Button size="small" isPending={pending} onPress={() => void decide('release')}>
        <Check aria-hidden className="size-4" /> {isAll ? `${words} all` : words}
      </Button>
      <Button size="small" isPending={pending} onPress={() => void decide('remove')}>
        <Trash2 aria-hidden className="size-4" /> {isAll ? 'Remove all' : 'Remove'}
      </Button>
      {!isAll && (
        <Button size="small" variant="quiet" onPress={onClear}>
          Choose none
        </Button>
      )}
    </div>
  );
}
