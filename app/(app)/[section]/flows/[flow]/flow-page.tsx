'use client';
// The page on which a flow is made. Every change is saved; people go through what was published.
import { useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useMemo, useState } from 'react';
import type { FlowThings } from '@/components/flows/editor-context';
import { FlowEditor } from '@/components/flows/flow-editor';
import { outlineOf } from '@/components/flows/outline';
import { Button } from '@/components/ui/button';
import { useSaveKeys } from '@/components/ui/hotkeys';
import type { InJson } from '@/components/ui/in-json';
import { getJson } from '@/components/ui/json';
import { NameInPlace } from '@/components/ui/name-in-place';
import { NotSaved, SaveState } from '@/components/ui/save-state';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { SectionId } from '@/lib/db/ids';
import { problemsOf, type FlowProblem } from '@/lib/flows/problems';
import type { FlowDetails, FlowNumbers } from '@/lib/flows/queries';
import type { FlowDocument, FlowSettings } from '@/lib/flows/schema';
import { nameWithTime } from '@/lib/naming/names';
import { createFlowAction, renameFlowAction } from '../actions';
import { AttentionBanner } from '../status';
import { FlowHeader } from './flow-header';
import { KeptBanner } from './kept-banner';
import { OlderBanner } from './older-banner';
import { PublishDialog } from './publish-dialog';
import { SettingsDialog } from './settings-dialog';
import { SettingsLine } from './settings-line';
import { WalkDialog } from './walk-dialog';
import { VersionsDialog } from './versions-dialog';
import { revisionOf, seenOf, useSavedFlow } from './use-saved-flow';

export type FlowOfPage = Omit<InJson<FlowDetails>, 'document' | 'settings' | 'published'> &
  Pick<FlowDetails, 'document' | 'settings' | 'published'>;

type Props = {
  section: { id: SectionId; slug: string };
  flow: FlowOfPage;
  things: FlowThings;
  /** How many came while it was not going. */
  kept: number;
};

/** Triggers that hold for some people already. */
const WHO_HOLDS = new Set(['tag_applied', 'segment']);
const NO_PROBLEMS: readonly FlowProblem[] = [];

export function FlowPage({ section, flow, things, kept }: Props) {
  const router = useRouter();
  const toast = useToast();
  const copying = useSubmission();
  const renaming = useSubmission();
  const [name, setName] = useState(flow.name);
  const [settings, setSettings] = useState(flow.settings);
  const [dialog, setDialog] = useState<'settings' | 'publish' | 'walk' | 'versions' | null>(null);
  /** Counts how often an earlier version was taken as the draft. */
  const [taken, setTaken] = useState(0);
  /** Counts how often the checks are to be opened. */
  const [checks, showChecks] = useState(0);
  const { id, published, version } = flow;
  const saving = useSavedFlow({ sectionId: section.id, flowId: id }, { document: flow.document }, flow.revision);
  const { draft, set, save } = saving;
  const { document } = draft;
  const found = useFurtherProblems(section.slug, id, saving.state === 'saved' ? saving.seen() : null);
  /** Why it was not published, until the draft is changed. */
  const [refused, setRefused] = useState<{ document: FlowDocument; problem: FlowProblem } | null>(null);
  const further = useMemo(
    () => (refused && refused.document === document ? [...found, refused.problem] : found),
    [found, refused, document],
  );
  const numbers = useNumbers(section.slug, id, version !== null);
  const isChanged = useMemo(
    () => published === null || JSON.stringify(document) !== JSON.stringify(published),
    [document, published],
  );
  const list = `/${section.slug}/flows`;
  const about = [`flow:${id}`];
  const isOn = flow.state === 'live' || flow.state === 'paused';

  async function rename(next: string) {
    const result = await renaming.send(
      renameFlowAction,
      { sectionId: section.id, flowId: id, name: next },
      crypto.randomUUID(),
    );
    if (result.ok) setName(next.trim());
    return result;
  }

  function publish() {
    const mustFix = [...problemsOf(document, settings), ...further].some(({ must }) => must);
    if (mustFix) showChecks((times) => times + 1);
    else setDialog('publish');
  }

  /** What is here becomes a flow of its own, and the saved one stays. */
  async function keepAsCopy() {
    const mine = nameWithTime(name);
    const made = await copying.send(createFlowAction, { sectionId: section.id, name: mine, document, settings });
    if (!made.ok) return toast(made.refusal.message, { tone: 'danger' });
    saving.forget();
    toast(`What you did is in “${mine}”`);
    router.push(`${list}/${made.value.id}`);
  }

  useSaveKeys(() => void save());

  return (
    <>
      <FlowHeader
        here=""
        section={section}
        flow={{ ...flow, name, isChanged }}
        name={<NameInPlace name={name} onRename={rename} />}
        state={<SaveState state={saving.state} />}
        beforeCopy={async () => (await save()).ok}
        onVersions={() => setDialog('versions')}
        onWalk={() => void save().then(({ ok }) => ok && setDialog('walk'))}
        onDeleted={saving.forget}
        actions={
          <Button variant="primary" isDisabled={!isChanged && isOn} onPress={publish}>
            {version === null ? 'Publish' : isChanged || !isOn ? 'Publish changes' : 'Published'}
          </Button>
        }
      />
      <div className="mb-3 flex flex-col gap-2 empty:hidden">
        {saving.refusal && (
          <NotSaved
            thing="flow"
            refusal={saving.refusal}
            copying={copying.pending}
            onRetry={() => void save()}
            onCopy={() => void keepAsCopy()}
            onReload={() => {
              saving.forget();
              window.location.reload();
            }}
          />
        )}
        <AttentionBanner flow={flow} />
        <KeptBanner section={section} flow={flow} people={kept} />
        <OlderBanner section={section} flow={flow} published={published} settings={settings} things={things} />
      </div>
      <FlowEditor
        key={`${saving.replaced} ${taken}`}
        section={section}
        flowHref={`${list}/${id}`}
        value={document}
        onChange={(next: FlowDocument) => set({ document: next })}
        settings={settings}
        things={things}
        further={further}
        numbers={numbers}
        checks={checks}
        settingsLine={<SettingsLine slug={section.slug} settings={settings} onPress={() => setDialog('settings')} />}
      />
      {dialog === 'settings' && (
        <SettingsDialog
          section={section}
          flow={flow}
          settings={settings}
          document={document}
          things={things}
          revision={async () => ((await save()).ok ? revisionOf(saving.seen()) : null)}
          onSaved={(next: FlowSettings, revision) => {
            setDialog(null);
            setSettings(next);
            saving.saw(seenOf(revision));
            toast(isOn ? 'Saved: it holds for everybody in the flow from now on' : 'Saved', { about });
          }}
          onClose={() => setDialog(null)}
        />
      )}
      {dialog === 'walk' && (
        <WalkDialog
          slug={section.slug}
          flowId={id}
          document={document}
          settings={settings}
          things={things}
          onClose={() => setDialog(null)}
        />
      )}
      {dialog === 'versions' && (
        <VersionsDialog
          slug={section.slug}
          flowId={id}
          onTake={(number, former) => {
            const before = document;
            const take = (next: FlowDocument) => {
              set({ document: next });
              setTaken((times) => times + 1);
            };
            take(former);
            setDialog(null);
            toast(`The draft is as version ${number} was. Publish it to use it.`, {
              about,
              action: { label: 'Undo', run: () => take(before) },
            });
          }}
          onClose={() => setDialog(null)}
        />
      )}
      {dialog === 'publish' && (
        <PublishDialog
          section={section}
          flow={{ ...flow, inside: numbers?.inside ?? flow.inside }}
          revision={async () => ((await save()).ok ? revisionOf(saving.seen()) : null)}
          settings={settings}
          asked={document.trigger !== null && WHO_HOLDS.has(document.trigger.kind)}
          onRefused={({ field, message }) => {
            // The server names the step.
            const node = outlineOf(document.steps).find(({ id: one }) => one === field);
            if (!node) return;
            const messageId =
              node.kind === 'step' && (node.step.kind === 'email' || node.step.kind === 'sms')
                ? node.step.messageId
                : null;
            const of = things.messages.find((one) => one.id === messageId);
            const words = of ? `The message “${of.name}” is not ready. ${message}` : message;
            setDialog(null);
            setRefused({ document, problem: { stepId: node.id, place: 'steps', words, must: true } });
            showChecks((times) => times + 1);
          }}
          onPublished={() => {
            setDialog(null);
            toast(
              version === null ? 'Published: the flow is live' : 'Published: people who enter now get the new version',
              {
                about,
              },
            );
            router.refresh();
          }}
          onClose={() => setDialog(null)}
        />
      )}
    </>
  );
}

const LOOK_EVERY_MS = 5_000;

/** What has happened in the flow, as it happens. */
function useNumbers(slug: string, flowId: number, isPublished: boolean): FlowNumbers | null {
  const { data } = useQuery({
    queryKey: ['flow-numbers', slug, flowId],
    queryFn: () => getJson<FlowNumbers>(`/data/${slug}/flows/${flowId}/numbers`),
    enabled: isPublished,
    refetchInterval: LOOK_EVERY_MS,
  });
  return data ?? null;
}

/** What the server finds in the saved draft. `seen`: what was saved last; null: something is not saved yet. */
function useFurtherProblems(slug: string, flowId: number, seen: string | null): readonly FlowProblem[] {
  const { data } = useQuery({
    queryKey: ['flow-problems', slug, flowId, seen],
    queryFn: () => getJson<FlowProblem[]>(`/data/${slug}/flows/${flowId}/problems`),
    enabled: seen !== null,
    placeholderData: (before: FlowProblem[] | undefined) => before,
  });
  return data ?? NO_PROBLEMS;
}
