'use client';
// Says how much runs in the background of the section; opens the list of it. Nothing is shown when nothing runs.
import clsx from 'clsx';
import { LoaderCircle } from 'lucide-react';
import { Link } from '@/components/ui/link';
import { useState } from 'react';
import { Button as AriaButton, Dialog, DialogTrigger, Heading, Popover } from 'react-aria-components';
import { Button } from '@/components/ui/button';
import { Banner, ProgressBar } from '@/components/ui/display';
import { popoverClass } from '@/components/ui/popover-class';
import { useSubmission, type SubmitAction } from '@/components/ui/use-submission';
import type { RunningWork } from '@/lib/activity/schema';
import type { SectionId } from '@/lib/db/ids';
import { progressInWords } from './progress-words';
import { useBackgroundWork, useCheckWork } from './use-background-work';

type Props = { section: { id: SectionId; slug: string }; cancel: SubmitAction<unknown>; className?: string };

export function RunningButton({ section, cancel, className }: Props) {
  const running = useBackgroundWork(section.slug)?.running ?? [];
  const [open, setOpen] = useState(false);
  /** It does not vanish under somebody's focus. */
  const [focused, setFocused] = useState(false);
  if (running.length === 0 && !open && !focused) return null;
  return (
    <DialogTrigger isOpen={open} onOpenChange={setOpen}>
      <AriaButton
        onFocusChange={setFocused}
        className={clsx('hover:bg-hover flex items-center gap-2.5 rounded-md px-2.5 py-2 text-left', className)}
      >
        <LoaderCircle
          aria-hidden
          className={clsx(
            'text-accent size-4 shrink-0',
            running.length > 0 ? 'animate-spin motion-reduce:animate-none' : 'opacity-40',
          )}
        />
        <span className="tabular-nums">
          {running.length} running<span className="sr-only"> in the background</span>
        </span>
        <span aria-hidden className="text-muted ml-auto text-xs tabular-nums">
          {percentOf(running)}
        </span>
      </AriaButton>
      <Popover placement="top start" className={`${popoverClass} w-96 max-w-[92vw]`}>
        <Dialog className="flex max-h-[70vh] flex-col gap-3 overflow-y-auto outline-none">
          <Heading slot="title" className="font-semibold">
            Running in the background
          </Heading>
          {running.length === 0 ? (
            <p className="text-muted">Nothing is running any more.</p>
          ) : (
            <ul className="flex flex-col gap-4">
              {running.map((work) => (
                <WorkItem
                  key={work.key}
                  section={section}
                  work={work}
                  cancel={cancel}
                  onFollow={() => setOpen(false)}
                />
              ))}
            </ul>
          )}
          <Link href={`/${section.slug}/activity`} className="self-start underline" onClick={() => setOpen(false)}>
            All activity
          </Link>
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

type ItemProps = { section: Props['section']; work: RunningWork; cancel: Props['cancel']; onFollow: () => void };

function WorkItem({ section, work, cancel, onFollow }: ItemProps) {
  const { refusal, pending, send } = useSubmission();
  const check = useCheckWork(section.slug);
  const { summary, stoppable, userName } = work;

  async function stop() {
    const result = await send(cancel, { sectionId: section.id, operationId: stoppable });
    if (result.ok) check();
  }

  return (
    <li className="flex flex-col gap-1">
      <div className="flex items-start justify-between gap-3">
        <div className="min-w-0">
          <Link
            href={`/${section.slug}${work.path}`}
            onClick={onFollow}
            className="font-medium wrap-anywhere hover:underline"
          >
            {summary}
          </Link>
          <p className="text-muted text-[13px]">{userName === null ? 'By Tagwell' : `By ${userName}`}</p>
        </div>
        {stoppable !== null && (
          <Button size="small" aria-label={`Stop: ${summary}`} isPending={pending} onPress={() => void stop()}>
            Stop
          </Button>
        )}
      </div>
      <ProgressBar label={summary} value={work.total ? work.progress / work.total : null} />
      <p className="text-muted text-[13px] tabular-nums">{progressInWords(work)}</p>
      {refusal && <Banner tone="danger">{refusal.message}</Banner>}
    </li>
  );
}

/** '42 %', if only one runs and its size is known. */
function percentOf(running: readonly RunningWork[]): string | null {
  const [work, another] = running;
  if (!work?.total || another) return null;
  return `${Math.min(100, Math.floor((work.progress / work.total) * 100))} %`;
}
