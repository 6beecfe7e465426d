'use client';
// What can be added, found by typing. One list for the whole canvas, which opens at the '+' that was pressed.
import { ClipboardPaste, type LucideIcon } from 'lucide-react';
import { useMemo, useState, type RefObject } from 'react';
import { Dialog, Popover } from 'react-aria-components';
import { FindList } from '@/components/ui/find-list';
import { popoverClass } from '@/components/ui/popover-class';
import { matchScore, searchable } from '@/lib/naming/word-search';
import { readCopied } from './clipboard';
import { useEditor, useShown } from './editor-context';
import { KINDS } from './step-kinds';
import { countSteps, type NodeId } from './tree';

type Entry = { key: string; name: string; hint: string; also: string; Icon: LucideIcon; choose: () => void };

/** `root`: has the '+'. */
export function AddStep({ root }: { root: RefObject<HTMLElement | null> }) {
  const { askWhat } = useEditor();
  const { adding } = useShown();
  const trigger = useMemo(
    () => ({
      get current() {
        const plus = root.current?.querySelector<HTMLElement>(`[data-plus="${adding}"]`);
        return plus ?? root.current?.querySelector<HTMLElement>(`[data-node-id="${adding}"]`) ?? null;
      },
    }),
    [root, adding],
  );
  if (adding === null) return null;
  return (
    <Popover
      isOpen
      triggerRef={trigger}
      onOpenChange={(isOpen) => !isOpen && askWhat(null)}
      placement="bottom"
      className={`${popoverClass} w-96 max-w-[calc(100vw-1.5rem)]`}
    >
      <Dialog aria-label="Add a step" className="outline-none">
        <KindList behind={adding} />
      </Dialog>
    </Popover>
  );
}

function KindList({ behind }: { behind: NodeId }) {
  const { section, add, paste, askWhat } = useEditor();
  const [text, setText] = useState('');
  const [copied] = useState(() => countSteps(readCopied(section.id)));
  const entries = useMemo(() => {
    const kinds = KINDS.map(({ kind, ...offer }): Entry => ({ ...offer, key: kind, choose: () => add(behind, kind) }));
    if (copied === 0) return kinds;
    const words = copied === 1 ? 'Paste the copied step' : `Paste the ${copied} copied steps`;
    const choose = () => paste(behind);
    return [{ key: 'paste', name: words, hint: '', also: '', Icon: ClipboardPaste, choose }, ...kinds];
  }, [behind, copied, add, paste]);
  const wanted = searchable(text);
  const found = entries
    .map((entry) => ({ entry, score: matchScore(wanted, searchable(`${entry.name} ${entry.hint} ${entry.also}`)) }))
    .filter(({ score }) => score > 0)
    .sort((left, right) => right.score - left.score)
    .map(({ entry }) => entry);
  return (
    <FindList
      label="Add a step"
      placeholder="Email, wait, branch, tag…"
      autoFocus
      text={text}
      onText={setText}
      entries={text.trim() === '' ? entries : found}
      entryKey={({ key }) => key}
      show={({ name, hint, Icon }) => (
        <>
          <Icon aria-hidden className="text-muted size-4 shrink-0" />
          <span className="min-w-0 flex-1 truncate">{name}</span>
          <span className="text-muted shrink-0 text-xs">{hint}</span>
        </>
      )}
      onChoose={({ choose }) => {
        askWhat(null);
        choose();
      }}
      status={found.length === 0 && 'No step has this name. Try “email”, “wait” or “tag”.'}
    />
  );
}
