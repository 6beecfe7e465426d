'use client';
// The builder: rules on the left, matching profiles on the right. Every change can be incomplete; a reload loses nothing.
import { Redo2, Undo2 } from 'lucide-react';
import { useCallback, useEffect, useMemo, useState, type KeyboardEvent } from 'react';
import { Button, ButtonLink, IconButton } from '@/components/ui/button';
import { Banner, cardClass, PageHeader } from '@/components/ui/display';
import { TextArea, TextField } from '@/components/ui/field';
import { useSectionZone } from '@/components/ui/use-zone';
import { ZoneField } from '@/components/ui/zone-field';
import type { SectionId, UserId } from '@/lib/db/ids';
import type { Rules } from '@/lib/segments/schema';
import type { Vocabulary } from '@/lib/segments/vocabulary';
import { BuilderContext, DropContext } from '@/components/segments/builder-context';
import { draftRoot, type Draft, type DraftGroup } from '@/components/segments/draft';
import { GroupEditor } from '@/components/segments/group-editor';
import { useRulesBuilder } from '@/components/segments/use-rules-builder';
import { MatchCard, SampleCard } from './match-cards';
import { Notices } from './notices';
import { useDraft } from './use-draft';
import { useSaving, type SavedSegment } from './use-saving';

export type BuilderProps = {
  section: { id: SectionId; slug: string };
  userId: UserId;
  vocabulary: Vocabulary;
  saved: SavedSegment | null;
  /** The initial rules of a new segment; without a time zone, the section's is used. */
  rules: InitialRules | null;
  /** What rules could not express, in words. */
  leftOut?: readonly string[];
  /** What a new one may be called. */
  proposedName?: string;
};

export type InitialRules = Pick<Rules, 'root'> & Partial<Rules>;

export function SegmentBuilder({
  section,
  userId,
  vocabulary,
  saved,
  rules: first,
  leftOut = [],
  proposedName = '',
}: BuilderProps) {
  const { slug } = section;
  const which = saved?.id ?? (first ? `new:${JSON.stringify(first)}` : 'new');
  const place = `tagwell:segment:${userId}:${section.id}:${which}`;
  const zone = useSectionZone();
  const initialDraft = useMemo(
    () => initialDraftOf(saved, first, zone, proposedName),
    [saved, first, zone, proposedName],
  );
  const drafting = useDraft(place, initialDraft);
  const { draft, dispatch, dirty, canUndo, canRedo } = drafting;
  const [strict, setStrict] = useState(false);
  const change = useCallback(
    (next: (draft: Draft) => Draft, what: string | null = null) =>
      dispatch({ type: 'change', change: next, what, at: Date.now() }),
    [dispatch],
  );
  const changeTree = useCallback(
    (next: (root: DraftGroup) => DraftGroup, what?: string) =>
      change((now) => {
        const root = next(now.root);
        return root === now.root ? now : { ...now, root };
      }, what),
    [change],
  );

  const { builder, over, complete, incomplete, lost, announcement, announce, catchFocus } = useRulesBuilder({
    ...{ slug, vocabulary, timeZone: draft.timeZone, root: draft.root, strict, changeTree },
  });

  function step(type: 'undo' | 'redo') {
    dispatch({ type });
    announce(type === 'undo' ? 'Undone' : 'Redone');
    catchFocus();
  }

  const saving = useSaving({
    section,
    saved,
    draft,
    complete: incomplete === 0 ? complete : null,
    onSaved: drafting.forget,
  });
  /** How often a save was refused because something is incomplete: then the first marked field gets the focus. */
  const [refusals, setRefusals] = useState(0);
  useEffect(() => {
    if (refusals > 0) document.querySelector<HTMLElement>('main [aria-invalid="true"]')?.focus();
  }, [refusals]);
  const save = (how?: 'as new') => {
    setStrict(true);
    if (incomplete > 0) setRefusals(refusals + 1);
    void saving.save(how);
  };

  function onKeyDown(event: KeyboardEvent) {
    // Input in a picker is incomplete there, not the rules behind it.
    if (!event.currentTarget.contains(event.target as Node)) return;
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key === 's') {
      event.preventDefault();
      if (!saving.pending && (saved === null || dirty)) save();
      return;
    }
    const redo = key === 'y' || (key === 'z' && event.shiftKey);
    if (!redo && key !== 'z') return;
    event.preventDefault();
    step(redo ? 'redo' : 'undo');
  }

  const outdated = saved !== null && dirty && draft.base !== saved.changedAt;
  return (
    <BuilderContext value={builder}>
      <DropContext value={over}>
        <div onKeyDown={onKeyDown} className="pb-24">
          <PageHeader
            title={saved ? `Edit “${saved.name}”` : 'New segment'}
            actions={
              <>
                <IconButton label="Undo (Ctrl+Z)" isDisabled={!canUndo} onPress={() => step('undo')}>
                  <Undo2 aria-hidden className="size-4" />
                </IconButton>
                <IconButton label="Redo (Ctrl+Y)" isDisabled={!canRedo} onPress={() => step('redo')}>
                  <Redo2 aria-hidden className="size-4" />
                </IconButton>
                <ButtonLink href={saved ? `/${slug}/segments/${saved.id}` : `/${slug}/segments`}>Close</ButtonLink>
                <Button
                  variant="primary"
                  isPending={saving.pending}
                  isDisabled={saved !== null && !dirty}
                  onPress={() => save()}
                >
                  {saved ? 'Save' : 'Save segment'}
                </Button>
              </>
            }
          />
          <div className="flex flex-col gap-3 pb-3 empty:hidden">
            <Notices
              restored={drafting.restored && dirty}
              outdated={outdated}
              editedElsewhere={drafting.editedElsewhere}
              leftOut={drafting.restored ? [] : leftOut}
              onStartOver={() => {
                change(() => initialDraft);
                announce('Started over. Press Ctrl+Z to get your changes back.');
              }}
            />
            {strict && incomplete > 0 && (
              <Banner tone="danger">
                {incomplete === 1 ? 'One condition or group is' : `${incomplete} conditions or groups are`} incomplete.
                Complete or remove what is marked, then save.
              </Banner>
            )}
            {saving.message && <Banner tone="danger">{saving.message}</Banner>}
            {(outdated || saving.conflict) && (
              <span>
                <Button isPending={saving.pending} onPress={() => save('as new')}>
                  Save as a new segment
                </Button>
              </span>
            )}
          </div>
          <div className="grid grid-cols-1 gap-4 xl:grid-cols-[minmax(0,1fr)_22rem] xl:grid-rows-[auto_1fr]">
            {/* On a small screen it stays visible above the rules. */}
            <div className="sticky top-2 z-10 xl:top-4 xl:col-start-2 xl:row-start-1">
              <MatchCard rules={complete} incomplete={incomplete} lost={lost} />
            </div>
            <div className="flex min-w-0 flex-col gap-4 xl:col-start-1 xl:row-span-2 xl:row-start-1">
              <div className={`${cardClass} flex flex-col gap-3 p-4`}>
                <TextField
                  label="Name"
                  value={draft.name}
                  onChange={(name) => change((now) => ({ ...now, name }), 'name')}
                  error={saving.nameError}
                  placeholder="Inactive VIPs in Sweden"
                  autoFocus={saved === null}
                />
              </div>
              <section className={`${cardClass} p-4`} aria-label="Rules">
                <GroupEditor group={draft.root} isRoot />
              </section>
              <details className={`${cardClass} p-4`}>
                <summary className="cursor-pointer font-medium">Description and time zone</summary>
                <div className="mt-3 flex flex-col gap-3">
                  <TextArea
                    label="Description"
                    value={draft.description}
                    onChange={(description) => change((now) => ({ ...now, description }), 'description')}
                    help="What it is for, and who to ask."
                  />
                  <ZoneField
                    label="Days begin and end in"
                    value={draft.timeZone}
                    onChange={(timeZone) => change((now) => ({ ...now, timeZone }))}
                  />
                </div>
              </details>
            </div>
            <div className="xl:col-start-2 xl:row-start-2">
              <SampleCard rules={complete} lost={lost} />
            </div>
          </div>
          <p aria-live="polite" className="sr-only">
            {announcement}
          </p>
        </div>
      </DropContext>
    </BuilderContext>
  );
}

function initialDraftOf(
  saved: SavedSegment | null,
  first: InitialRules | null,
  zone: string,
  proposedName: string,
): Draft {
  const rules = saved?.rules ?? first;
  return {
    base: saved?.changedAt ?? null,
    name: saved?.name ?? proposedName,
    description: saved?.description ?? '',
    timeZone: rules?.timeZone ?? zone,
    root: rules ? draftRoot(rules) : { key: 'root', kind: 'group', match: 'all', items: [] },
  };
}
