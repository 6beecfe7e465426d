'use client';
// What is done with people in a flow: let in, taken out, tried again.
import { useRouter } from 'next/navigation';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { FlowId, ProfileId, SectionId, SegmentId } from '@/lib/db/ids';
import { enterFlowAction, takeOutOfFlowAction, tryAgainInFlowAction } from '../../actions';

type Person = { profileId: ProfileId; name: string };

const people = (count: number) => (count === 1 ? '1 person' : `${count.toLocaleString('en-GB')} people`);

export function usePeopleActions({ sectionId, flowId }: { sectionId: SectionId; flowId: FlowId }) {
  const router = useRouter();
  const toast = useToast();
  const { send, pending } = useSubmission();
  const of = { sectionId, flowId };
  const about = [`flow:${flowId}`];

  async function takeOut({ profileId, name }: Person) {
    const result = await send(takeOutOfFlowAction, { ...of, profileIds: [profileId] }, crypto.randomUUID());
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger', about });
    toast(`${name} is out of the flow`, { about });
    router.refresh();
  }

  /** Null: all who have failed. */
  async function tryAgain(profileId: ProfileId | null) {
    const result = await send(tryAgainInFlowAction, { ...of, profileId }, crypto.randomUUID());
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger', about });
    toast(`Tried again for ${people(result.value.again)}`, { about });
    router.refresh();
  }

  /** True: they are on their way into the flow. */
  async function letIn(whom: { profileIds: ProfileId[] } | { segmentId: SegmentId }): Promise<boolean> {
    const result = await send(enterFlowAction, { ...of, ...whom }, crypto.randomUUID());
    if (!result.ok) toast(result.refusal.message, { tone: 'danger', about });
    else toast(`${people(result.value.sent)} sent to the flow. They enter if its rules let them.`, { about });
    // They enter a moment later.
    setTimeout(() => router.refresh(), 1_500);
    return result.ok;
  }

  return { takeOut, tryAgain, letIn, pending };
}
