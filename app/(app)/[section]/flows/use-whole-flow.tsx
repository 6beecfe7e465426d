'use client';
// What is done with a whole flow, from the list and from its pages: pause it, let it go on, stop it, copy it, delete it.
import { useRouter } from 'next/navigation';
import { useState, type ReactNode } from 'react';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { FlowId, SectionId } from '@/lib/db/ids';
import type { FlowRow } from '@/lib/flows/queries';
import { copyFlowAction, deleteFlowAction, pauseFlowAction, resumeFlowAction, stopFlowAction } from './actions';

type Named = Pick<FlowRow, 'id' | 'name'>;

export type WholeFlow = ReturnType<typeof useWholeFlow>;

/** `dialog`: to be shown somewhere on the page. */
export function useWholeFlow(section: { id: SectionId; slug: string }) {
  const router = useRouter();
  const toast = useToast();
  const { send } = useSubmission();
  const stopping = useSubmission();
  const [stopped, askStop] = useState<(Named & { inside: number }) | null>(null);

  const ofFlow = (id: FlowId) => ({ sectionId: section.id, flowId: id });
  const about = (id: FlowId) => [`flow:${id}`];

  /** Opens the copy. */
  async function copy(flowId: FlowId) {
    // Each copy is one of its own, also of the same flow.
    const result = await send(copyFlowAction, ofFlow(flowId), crypto.randomUUID());
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger' });
    toast(`This is “${result.value.name}”, a copy. It sends the same messages, and nobody is in it.`);
    router.push(`/${section.slug}/flows/${result.value.id}`);
  }

  async function pause({ id, name }: Named) {
    const result = await send(pauseFlowAction, ofFlow(id), crypto.randomUUID());
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger', about: about(id) });
    toast(`“${name}” is paused: nobody enters, and nobody moves`, {
      about: about(id),
      action: { label: 'Go on', run: () => void resume({ id, name }) },
    });
    router.refresh();
  }

  async function resume({ id, name }: Named) {
    const result = await send(resumeFlowAction, ofFlow(id), crypto.randomUUID());
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger', about: about(id) });
    toast(`“${name}” goes on. What was due meanwhile is done now.`, { about: about(id) });
    router.refresh();
  }

  async function stop({ id, name }: Named) {
    const result = await stopping.send(stopFlowAction, ofFlow(id), crypto.randomUUID());
    if (!result.ok) return;
    askStop(null);
    toast(`“${name}” has been stopped`, { about: about(id) });
    router.refresh();
  }

  const setDeleted = (id: FlowId, deleted: boolean) =>
    send(deleteFlowAction, { ...ofFlow(id), deleted }, crypto.randomUUID());

  async function remove({ id, name }: Named, then: () => void) {
    const result = await setDeleted(id, true);
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger', about: about(id) });
    toast(`“${name}” has been deleted`, {
      about: about(id),
      action: { label: 'Undo', run: () => void bringBack({ id, name }) },
    });
    then();
  }

  async function bringBack({ id, name }: Named) {
    const result = await setDeleted(id, false);
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger', about: about(id) });
    toast(`“${name}” is back`, { about: about(id), link: { label: 'Open', href: `/${section.slug}/flows/${id}` } });
    router.refresh();
  }

  const dialog: ReactNode = stopped && (
    <ConfirmDialog
      title={`Stop “${stopped.name}”`}
      confirm="Stop it"
      refusal={stopping.refusal}
      pending={stopping.pending}
      onConfirm={() => void stop(stopped)}
      onClose={() => askStop(null)}
    >
      <p>
        {stopped.inside === 0
          ? 'Nobody is in it now.'
          : stopped.inside === 1
            ? '1 person is in it now, and leaves.'
            : `${stopped.inside.toLocaleString('en-GB')} people are in it now, and all of them leave.`}{' '}
        Messages that have not gone out yet are not sent. Nobody enters any more, unless you publish it again: then
        people begin at the start.
      </p>
      <p>To hold it up only for a while, pause it instead.</p>
    </ConfirmDialog>
  );

  return { copy, pause, resume, askStop, remove, bringBack, dialog };
}
