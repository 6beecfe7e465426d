'use client';
// Those who came while the flow was paused or needed attention: they are let in now, or forgotten.
import { useRouter } from 'next/navigation';
import { Button } from '@/components/ui/button';
import { Banner } from '@/components/ui/display';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { SectionId } from '@/lib/db/ids';
import { settleKeptAction } from '../actions';
import type { HeadedFlow } from './flow-header';

type Props = { section: { id: SectionId }; flow: Pick<HeadedFlow, 'id' | 'state'>; people: number };

export function KeptBanner({ section, flow, people }: Props) {
  const router = useRouter();
  const toast = useToast();
  const { pending, send } = useSubmission();
  if (people === 0) return null;

  async function settle(enter: boolean) {
    const input = { sectionId: section.id, flowId: flow.id, enter };
    const result = await send(settleKeptAction, input, crypto.randomUUID());
    const about = [`flow:${flow.id}`];
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger', about });
    toast(enter ? 'They enter now, by the rules of the flow' : 'They do not enter', { about });
    router.refresh();
  }

  return (
    <Banner tone="warning">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <span className="min-w-0 flex-1 basis-72">
          {people === 1 ? '1 person' : `${people.toLocaleString('en-GB')} people`} came while the flow was paused or
          needed attention. {flow.state === 'live' ? 'Should they enter now?' : 'They are kept until the flow goes on.'}
        </span>
        <span className="flex flex-wrap gap-2">
          {flow.state === 'live' && (
            <Button size="small" isPending={pending} onPress={() => void settle(true)}>
              Let them in
            </Button>
          )}
          <Button size="small" isPending={pending} onPress={() => void settle(false)}>
            Forget them
          </Button>
        </span>
      </div>
    </Banner>
  );
}
