'use client';
// The page on which a flow is made. Every change is saved; people go through what was published.
import { useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useMemo, useState } from 'react';
import type { FlowThings } from '@/components/flows/editor-context';
import { FlowEditor } from '@/components/flows/flow-editor';
import { Button } from '@/components/ui/button';
import { useSaveKeys } from '@/components/ui/hotkeys';
import type { InJson } from '@/components/ui/in-json';
import { getJson } from '@/components/ui/json';
import { NameInPlace } from '@/components/ui/name-in-place';
import { NotSaved, SaveState } from '@/components/ui/save-state';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { SectionId } from '@/lib/db/ids';
import type { LostPart } from '@/lib/flows/attention';
import { problemsOf, type FlowProblem } from '@/lib/flows/problems';
import type { FlowDetails } from '@/lib/flows/queries';
import type { FlowDocument, FlowSettings } from '@/lib/flows/schema';
import { nameWithTime } from '@/lib/naming/names';
import { createFlowAction, renameFlowAction } from '../actions';
import { AttentionBanner } from '../status';
import { FlowHeader } from './flow-header';
import { PublishDialog } from './publish-dialog';
import { SettingsDialog } from './settings-dialog';
import { SettingsLine } from './settings-line';
import { revisionOf, seenOf, useSavedFlow } from './use-saved-flow';

export type FlowOfPage = Omit<InJson<FlowDetails>, 'document' | 'settings' | 'published'> &
  Pick<FlowDetails, 'document' | 'settings' | 'published'>;

type Props = { section: { id: SectionId; slug: string }; flow: FlowOfPage; things: FlowThings };

const NO_LOST: readonly FlowProblem[] = [];

export function FlowPage({ section, flow, things }: Props) {
  const router = useRouter();
  const toast = useToast();
  const copying = useSubmission();
  const renaming = useSubmission();
  const [name, setName] = useState(flow.name);
  const [settings, setSettings] = useState(flow.settings);
  const [dialog, setDialog] = useState<'settings' | 'publish' | null>(null);
  /** Counts how often the checks are to be opened. */
  const [checks, showChecks] = useState(0);
  const { id, published, version } = flow;
  const saving = useSavedFlow({ sectionId: section.id, flowId: id }, { document: flow.document }, flow.revision);
  const { draft, set, save } = saving;
  const { document } = draft;
  const lost = useLost(section.slug, id, saving.state === 'saved' ? saving.seen() : null);
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
    const mustFix = [...problemsOf(document, settings), ...lost].some(({ must }) => must);
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
        section={section}
        flow={{ ...flow, name, isChanged }}
        name={<NameInPlace name={name} onRename={rename} />}
        state={<SaveState state={saving.state} />}
        beforeCopy={async () => (await save()).ok}
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
      </div>
      <FlowEditor
        key={saving.replaced}
        section={section}
        value={document}
        onChange={(next: FlowDocument) => set({ document: next })}
        settings={settings}
        things={things}
        lost={lost}
        checks={checks}
        settingsLine={<SettingsLine slug={section.slug} settings={settings} onPress={() => setDialog('settings')} />}
      />
      {dialog === 'settings' && (
        <SettingsDialog
          section={section}
          flow={flow}
          settings={settings}
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
      {dialog === 'publish' && (
        <PublishDialog
          section={section}
          flow={flow}
          revision={async () => ((await save()).ok ? revisionOf(saving.seen()) : null)}
          onPublished={() => {
            setDialog(null);
            toast(
              version === null ? 'Published: the flow is live' : 'Published: whoever enters now gets the new version',
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

/** What the saved draft has lost. `seen`: what was saved last; null: something is not saved yet. */
function useLost(slug: string, flowId: number, seen: string | null): readonly FlowProblem[] {
  const { data } = useQuery({
    queryKey: ['flow-lost', slug, flowId, seen],
    queryFn: () => getJson<LostPart[]>(`/data/${slug}/flows/${flowId}/lost`),
    enabled: seen !== null,
    placeholderData: (before: LostPart[] | undefined) => before,
  });
  return useMemo(
    () =>
      data?.map(({ stepId, reason }) => ({ stepId, place: 'steps' as const, words: reason, must: true })) ?? NO_LOST,
    [data],
  );
}
