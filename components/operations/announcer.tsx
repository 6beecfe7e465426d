'use client';
// Announces the end of a person's own background work, wherever they are by then: once, in one of their tabs. Refreshes
// what the page shows when any work of the section has ended.
import { useRouter } from 'next/navigation';
import { useEffect, useRef, useState } from 'react';
import { postJson } from '@/components/ui/json';
import { useToast } from '@/components/ui/toasts';
import { useRefreshShown } from '@/components/ui/refresh-shown';
import type { SubmitAction } from '@/components/ui/use-submission';
import type { Result } from '@/lib/access/refusal';
import type { EndedWork } from '@/lib/activity/schema';
import type { OperationId, SectionId } from '@/lib/db/ids';
import { hasShownEnd, operationKey, willShowEnd } from './shown-here';
import { UndoDialog } from './undo-dialog';
import { useCheckWork, usePolledWork } from './use-background-work';

type Props = { section: { id: SectionId; slug: string }; undo: SubmitAction<{ undoId: OperationId }> };

/** If more have ended, they are announced together. */
const ONE_BY_ONE = 3;
/** Longer than an answer to a press: nobody waits for it at that moment. */
const STAYS_MS = 15_000;

export function Announcer({ section, undo }: Props) {
  const { slug } = section;
  const { work, at } = usePolledWork(slug);
  const refresh = useRefreshShown();
  const check = useCheckWork(slug);
  const router = useRouter();
  const toast = useToast();
  const [undoing, setUndoing] = useState<EndedWork | null>(null);
  const ran = useRef<ReadonlySet<string>>(new Set());
  const claimed = useRef(new Set<OperationId>());

  useEffect(() => {
    if (!work) return;
    const running = new Set(work.running.map(({ key }) => key));
    const someEnded = [...ran.current].some((key) => !running.has(key));
    ran.current = running;
    const ended = work.ended.filter(({ id }) => !claimed.current.has(id) && !willShowEnd(slug, id));
    if (someEnded || ended.length > 0) refresh();
    if (ended.length === 0) return;
    for (const { id } of ended) claimed.current.add(id);
    void claim(slug, ended).then((mine) => {
      if (mine === null) for (const { id } of ended) claimed.current.delete(id);
      else announce(mine.filter(({ id }) => !hasShownEnd(slug, id)));
    });

    function announce(all: EndedWork[]) {
      if (all.length > ONE_BY_ONE) {
        toast(togetherInWords(all), {
          link: { label: 'Activity', href: `/${slug}/activity` },
          about: all.map(({ id }) => operationKey(slug, id)),
          staysMs: STAYS_MS,
        });
        return;
      }
      for (const item of all.toReversed()) {
        const page = `/${slug}${item.path}`;
        const askToUndo = () => {
          // One of many of this name: its page says which.
          if (item.began !== null) router.push(page);
          setUndoing(item);
        };
        toast(titleOf(item), {
          detail: endInWords(item),
          tone: item.status === 'failed' ? 'danger' : 'plain',
          link: { label: 'Open', href: page },
          ...(item.undoable && { action: { label: item.isUndo ? 'Redo…' : 'Undo…', run: askToUndo } }),
          about: [operationKey(slug, item.id)],
          staysMs: STAYS_MS,
        });
      }
    }
  }, [work, at, slug, refresh, router, toast]);

  if (undoing === null) return null;
  const close = () => setUndoing(null);
  return (
    <UndoDialog
      section={section}
      operationId={undoing.id}
      redoes={undoing.isUndo}
      action={undo}
      onClose={close}
      onStarted={(undoId) => {
        close();
        toast(`The ${undoing.isUndo ? 'redo' : 'undo'} has started`, { about: [operationKey(slug, undoId)] });
        check();
      }}
    />
  );
}

/** Those that no other tab has announced; null if that could not be found out. */
async function claim(slug: string, ended: readonly EndedWork[]): Promise<EndedWork[] | null> {
  const body = { operationIds: ended.map(({ id }) => id) };
  const address = `/data/${slug}/operations/announce`;
  const answer = await postJson<Result<{ announced: OperationId[] }>>(address, body).catch(() => null);
  return answer?.ok ? ended.filter(({ id }) => answer.value.announced.includes(id)) : null;
}

const time = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' });
const dayAndTime = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

/** 'Sync with Shop, 22:50' */
function titleOf({ summary, began }: EndedWork): string {
  if (began === null) return summary;
  const date = new Date(began);
  const isToday = date.toDateString() === new Date().toDateString();
  return `${summary}, ${(isToday ? time : dayAndTime).format(date)}`;
}

function endInWords({ status, done, countsInWords, error }: EndedWork): string {
  if (status === 'done') return `${done} ${countsInWords}`;
  if (status === 'cancelled') return `Stopped. ${countsInWords}`;
  return `Failed. ${error ?? ''}`;
}

function togetherInWords(all: readonly EndedWork[]): string {
  const failed = all.filter(({ status }) => status === 'failed').length;
  return `${all.length} pieces of your background work have ended${failed > 0 ? `, ${failed} of them with an error` : ''}`;
}
