'use client';
// A sent mail as a page for anybody: put on the web, passed on, taken off again.
import { Globe } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { Button } from '@/components/ui/button';
import { CopyField } from '@/components/ui/copy-field';
import { DateTime } from '@/components/ui/date-time';
import { Banner, cardClass } from '@/components/ui/display';
import { Checkbox } from '@/components/ui/field';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { MessageId, SectionId } from '@/lib/db/ids';
import type { PublishedMessage } from '@/lib/messages/archive';
import { publishMessageAction, withdrawMessageAction } from '../actions';
import type { InJson } from '@/components/ui/in-json';

type Props = {
  sectionId: SectionId;
  messageId: MessageId;
  /** Null: it never was on the web. */
  page: InJson<PublishedMessage> | null;
};

export function WebPageCard({ sectionId, messageId, page }: Props) {
  const router = useRouter();
  const toast = useToast();
  const { send, pending, refusal } = useSubmission();
  const of = { sectionId, messageId };

  async function publish(searchable: boolean, said: string) {
    const result = await send(publishMessageAction, { ...of, searchable });
    if (!result.ok) return;
    toast(said);
    router.refresh();
  }

  async function withdraw() {
    const result = await send(withdrawMessageAction, of);
    if (!result.ok) return;
    toast('Its page is off the web');
    router.refresh();
  }

  return (
    <section aria-labelledby="web-page" className={`${cardClass} flex flex-col gap-3 p-4`}>
      <h2 id="web-page" className="flex items-center gap-2 font-medium">
        <Globe aria-hidden className="text-muted size-4" /> On the web
      </h2>
      <p className="text-muted text-[13px]">
        {page?.isOn
          ? 'Anybody who has the address can read it, as it is written to somebody of whom nothing is known.'
          : 'Publish it as a page for anybody who has its address: as it is written to somebody of whom nothing is known, without links to unsubscribe.'}
      </p>
      {page?.isOn ? (
        <>
          <CopyField label="Address" value={page.address} />
          <Checkbox
            isSelected={page.searchable}
            isDisabled={pending}
            onChange={(searchable) =>
              void publish(
                searchable,
                searchable ? 'Search engines may list it' : 'Search engines are asked to leave it out',
              )
            }
          >
            Search engines may list it
          </Checkbox>
          <p className="text-muted text-[13px]">
            {page.by ?? 'Somebody'} published it <DateTime value={page.publishedAt} />
          </p>
          <div className="flex flex-wrap items-center gap-3">
            <a href={page.address} target="_blank" rel="noreferrer" className="underline">
              Open it
            </a>
            <Button size="small" isPending={pending} onPress={() => void withdraw()}>
              Take it off the web
            </Button>
          </div>
        </>
      ) : (
        <div>
          <Button
            size="small"
            isPending={pending}
            onPress={() => void publish(page?.searchable ?? false, 'It is on the web')}
          >
            Publish it
          </Button>
        </div>
      )}
      {refusal && <Banner tone="danger">{refusal.message}</Banner>}
    </section>
  );
}
