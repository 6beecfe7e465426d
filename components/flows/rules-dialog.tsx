'use client';
// Conditions of a way, or of who enters: the builder of segments in a dialog. The flow gets them when they are complete.
import { useCallback, useReducer, useRef, useState } from 'react';
import { BuilderContext, DropContext } from '@/components/segments/builder-context';
import { draftRoot, groupOf, type DraftGroup } from '@/components/segments/draft';
import { GroupEditor } from '@/components/segments/group-editor';
import { useCount } from '@/components/segments/use-counts';
import { useNames } from '@/components/segments/use-names';
import { useRulesBuilder } from '@/components/segments/use-rules-builder';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { reduceHistory, startHistory } from '@/components/ui/edit-history';
import { useUndoKeys } from '@/components/ui/hotkeys';
import { useSectionZone } from '@/components/ui/use-zone';
import type { Rules } from '@/lib/segments/schema';
import type { Vocabulary } from '@/lib/segments/vocabulary';
import { rulesInWords } from '@/lib/segments/words';

type Props = {
  slug: string;
  vocabulary: Vocabulary;
  title: string;
  rules: Rules | null;
  onDone: (rules: Rules) => void;
  onClose: () => void;
};

export function RulesDialog({ slug, vocabulary, title, rules, onDone, onClose }: Props) {
  const zone = useSectionZone();
  const root = useRef<HTMLDivElement>(null);
  const [history, dispatch] = useReducer(reduceHistory<DraftGroup>, rules, (given) =>
    startHistory(given ? draftRoot(given) : groupOf('all', [])),
  );
  const [strict, setStrict] = useState(false);
  const changeTree = useCallback(
    (change: (root: DraftGroup) => DraftGroup, what?: string) =>
      dispatch({ type: 'change', change, what: what ?? null, at: Date.now() }),
    [],
  );
  const { builder, over, complete, incomplete, lost, announcement, announce, catchFocus } = useRulesBuilder({
    ...{ slug, vocabulary, timeZone: rules?.timeZone ?? zone },
    ...{ root: history.present, strict, changeTree },
  });

  useUndoKeys(root, (by) => {
    dispatch({ type: by });
    announce(by === 'undo' ? 'Undone' : 'Redone');
    catchFocus();
  });

  function done() {
    setStrict(true);
    if (complete === null || incomplete > 0) return;
    onDone(complete);
    onClose();
  }

  return (
    <Dialog
      title={title}
      isOpen
      onClose={onClose}
      wide="most"
      unsaved={history.past.length > 0}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button variant="primary" onPress={done}>
            Done
          </Button>
        </>
      }
    >
      <BuilderContext value={builder}>
        <DropContext value={over}>
          <div ref={root} className="flex flex-col gap-3">
            <GroupEditor group={history.present} isRoot />
            {strict && (complete === null || incomplete > 0) && (
              <p role="alert" className="text-danger">
                {complete === null ? 'Add a condition first.' : 'Complete what is marked, or remove it.'}
              </p>
            )}
            <Summary slug={slug} rules={lost ? null : complete} />
          </div>
        </DropContext>
      </BuilderContext>
      <span role="status" className="sr-only">
        {announcement}
      </span>
    </Dialog>
  );
}

/** The conditions in words, and how many fit now. */
function Summary({ slug, rules }: { slug: string; rules: Rules | null }) {
  const names = useNames();
  const { data, isFetching } = useCount(slug, rules);
  if (!rules) return null;
  return (
    <p className="bg-sunken rounded-md px-3 py-2 wrap-anywhere">
      {rulesInWords(rules, names)}{' '}
      <span className="text-muted tabular-nums" aria-live="polite">
        {data ? `Now: ${data.count.toLocaleString('en-GB')}.` : isFetching ? 'Counting…' : ''}
      </span>
    </p>
  );
}
