'use client';
// Lets the person of the page into a live flow.
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { PickField } from '@/components/flows/fields/pick-field';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { FlowId, ProfileId, SectionId } from '@/lib/db/ids';
import { enterFlowAction } from '../../flows/actions';

type Props = {
  sectionId: SectionId;
  profile: { id: ProfileId; name: string };
  flows: readonly { id: FlowId; name: string }[];
};

export function LetIntoFlow({ sectionId, profile, flows }: Props) {
  const router = useRouter();
  const toast = useToast();
  const { refusal, pending, send, setRefusal } = useSubmission();
  const [open, setOpen] = useState(false);
  const [flowId, setFlowId] = useState<FlowId | null>(null);

  const close = () => {
    setOpen(false);
    setRefusal(null);
  };

  async function letIn() {
    const result = await send(enterFlowAction, { sectionId, flowId, profileIds: [profile.id] });
    if (!result.ok) return;
    toast(`${profile.name} is sent to the flow, and enters if its rules allow it`);
    close();
    // They enter a moment later.
    setTimeout(() => router.refresh(), 1_500);
  }

  return (
    <>
      <Button size="small" onPress={() => setOpen(true)}>
        Let into a flow…
      </Button>
      <Dialog
        title={`Let ${profile.name} into a flow`}
        isOpen={open}
        onClose={close}
        actions={
          <>
            <Button onPress={close}>Cancel</Button>
            <Button variant="primary" isPending={pending} isDisabled={flowId === null} onPress={() => void letIn()}>
              Let them in
            </Button>
          </>
        }
      >
        {refusal && <Banner tone="danger">{refusal.message}</Banner>}
        <PickField
          label="Flow"
          value={flowId}
          things={flows}
          placeholder="Choose a live flow"
          gone="A flow that is not live any more"
          none="No flow is live."
          onChange={setFlowId}
        />
        <p className="text-muted text-[13px]">
          They enter by the rules of the flow: not with its exit tag, and not more often than its settings allow.
        </p>
      </Dialog>
    </>
  );
}
