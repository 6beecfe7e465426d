'use client';
// The head of each of a flow's pages: its name and state, and what can be done with it.
import clsx from 'clsx';
import { Ellipsis, Footprints, Pause, Play } from 'lucide-react';
import { useRouter } from 'next/navigation';
import type { ReactNode } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { Button } from '@/components/ui/button';
import { buttonClass } from '@/components/ui/button-class';
import { Link } from '@/components/ui/link';
import { Menu } from '@/components/ui/menu';
import type { SectionId } from '@/lib/db/ids';
import type { FlowDetails } from '@/lib/flows/queries';
import { FlowStatus } from '../status';
import { useWholeFlow } from '../use-whole-flow';
import { wholeEntries } from '../whole-entries';

export type HeadedFlow = Pick<FlowDetails, 'id' | 'name' | 'state' | 'version' | 'isChanged' | 'attention' | 'inside'>;

const PAGES = [
  { page: '', label: 'Steps' },
  { page: '/people', label: 'People' },
  { page: '/numbers', label: 'Numbers' },
] as const;

type Props = {
  here: (typeof PAGES)[number]['page'];
  section: { id: SectionId; slug: string };
  flow: HeadedFlow;
  /** In place of the plain name. */
  name?: ReactNode;
  /** Beside the way back. */
  state?: ReactNode;
  actions?: ReactNode;
  /** Called before it is copied; false: it is not. */
  beforeCopy?: () => Promise<boolean>;
  onDeleted?: () => void;
  /** Walks somebody through the draft. */
  onWalk?: () => void;
  /** Shows what was published. */
  onVersions?: () => void;
};

export function FlowHeader({
  here,
  section,
  flow,
  name,
  state,
  actions,
  beforeCopy,
  onDeleted,
  onWalk,
  onVersions,
}: Props) {
  const router = useRouter();
  const whole = useWholeFlow(section);
  const list = `/${section.slug}/flows`;
  return (
    <header className="pb-3">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-64">
          <p className="text-muted flex items-center gap-2 text-[13px]">
            <Link href={list} className="underline">
              All flows
            </Link>
            {state && <>· {state}</>}
          </p>
          <div className="flex flex-wrap items-center gap-2">
            {name ?? <h1 className="text-xl font-semibold wrap-anywhere">{flow.name}</h1>}
            <FlowStatus flow={flow} />
          </div>
        </div>
        <div className="flex flex-wrap items-center gap-2">
          {onWalk && (
            <Button onPress={onWalk}>
              <Footprints aria-hidden className="size-4" /> Walk through
            </Button>
          )}
          {flow.state === 'live' && (
            <Button onPress={() => void whole.pause(flow)}>
              <Pause aria-hidden className="size-4" /> Pause
            </Button>
          )}
          {flow.state === 'paused' && (
            <Button onPress={() => void whole.resume(flow)}>
              <Play aria-hidden className="size-4" /> Go on
            </Button>
          )}
          {actions}
          <Menu
            label="More"
            trigger={
              <AriaButton aria-label="More" className={buttonClass({ variant: 'quiet' })}>
                <Ellipsis aria-hidden className="size-4" />
              </AriaButton>
            }
            entries={wholeEntries(flow, whole, {
              beforeCopy,
              onVersions: flow.version === null ? undefined : onVersions,
              onDeleted: () => {
                onDeleted?.();
                router.push(list);
              },
            })}
          />
        </div>
      </div>
      {flow.version !== null && (
        <nav aria-label="Pages of the flow" className="flex gap-1 overflow-x-auto pt-2">
          {PAGES.map(({ page, label }) => (
            <Link
              key={page}
              href={`${list}/${flow.id}${page}`}
              {...(page === here && { 'aria-current': 'page' as const })}
              className={clsx(
                'rounded-md px-3 py-1.5 whitespace-nowrap -outline-offset-2',
                page === here ? 'bg-accent-soft text-accent-ink font-medium' : 'hover:bg-hover',
              )}
            >
              {label}
            </Link>
          ))}
        </nav>
      )}
      {whole.dialog}
    </header>
  );
}
