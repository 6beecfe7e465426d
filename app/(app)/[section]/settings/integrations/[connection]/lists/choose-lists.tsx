'use client';
// Chooses lists of the CRM, as it has them now, and the tag that each will keep.
import { useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useRef, useState } from 'react';
import { ArrowItems, focusFirstRow } from '@/components/ui/arrow-rows';
import { Button, ButtonLink } from '@/components/ui/button';
import { Banner, cardClass, EmptyState, Kbd, PageHeader } from '@/components/ui/display';
import { Checkbox, SearchField } from '@/components/ui/field';
import { useHotkeys } from '@/components/ui/hotkeys';
import { getJson } from '@/components/ui/json';
import { ReadFailed } from '@/components/ui/read-failed';
import { useToast } from '@/components/ui/toasts';
import { useLeaveGuard } from '@/components/ui/use-leave-guard';
import { useSubmission } from '@/components/ui/use-submission';
import type { ConnectorForm } from '@/lib/integrations/forms';
import type { AvailableLists } from '@/lib/integrations/live';
import type { ConnectionView } from '@/lib/integrations/views';
import { nameKey } from '@/lib/naming/names';
import type { NamedTag } from '@/lib/integrations/named-tags';
import { keepListsAction } from '../../actions';
import { number, type SectionRef } from '../../words';
import { draftOf, problemOf, tagOf, type Draft } from './draft';
import { ListRow } from './list-row';
import { ManualListDialog } from './manual-list-dialog';

/** Lists that are shown at first, and at each 'Show more'. */
const PAGE = 100;

type Props = { section: SectionRef; connection: ConnectionView; manual: ConnectorForm['manual'] };

export function ChooseLists({ section, connection, manual }: Props) {
  const router = useRouter();
  const toast = useToast();
  const { refusal, pending, send, form, setRefusal } = useSubmission({ leaves: true });
  const [drafts, setDrafts] = useState<ReadonlyMap<string, Draft>>(new Map());
  const [text, setText] = useState('');
  const [onlyChosen, setOnlyChosen] = useState(false);
  const [most, setMost] = useState(PAGE);
  const [tried, setTried] = useState(false);
  const [addingManual, setAddingManual] = useState(false);
  const searchInput = useRef<HTMLInputElement>(null);
  useHotkeys({ '/': () => searchInput.current?.focus() });
  useLeaveGuard(drafts.size > 0 && !pending);
  const here = `/${section.slug}/settings/integrations/${connection.id}`;
  const found = useQuery({
    queryKey: ['crm-lists', section.slug, connection.id],
    queryFn: ({ signal }) =>
      getJson<AvailableLists>(`/data/${section.slug}/integrations/${connection.id}/lists`, signal),
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
  });
  const lists = found.data?.lists ?? [];
  const words = nameKey(text).split(' ').filter(Boolean);
  const matching = lists.filter(
    ({ name, externalId, kept }) =>
      words.every((word) => nameKey(name).includes(word)) && (!onlyChosen || kept !== null || drafts.has(externalId)),
  );
  const shown = matching.slice(0, most);
  const chosen = lists.filter(({ externalId }) => drafts.has(externalId));
  const ticked =
    chosen.length + lists.filter(({ externalId, kept }) => kept !== null && !drafts.has(externalId)).length;

  const change = (externalId: string, draft: Draft | null) => {
    const next = new Map(drafts);
    if (draft) next.set(externalId, draft);
    else next.delete(externalId);
    setDrafts(next);
  };

  async function keep() {
    setTried(true);
    if (chosen.some(({ externalId }) => problemOf(drafts, externalId) !== null)) {
      showChosen();
      return setRefusal({ code: 'invalid', message: 'Some tags need another name. They are marked above.' });
    }
    const wanted = chosen.map(({ externalId, name, kind }) => ({
      externalId,
      name,
      kind,
      tag: tagOf(drafts.get(externalId)!),
    }));
    const result = await send(keepListsAction, {
      sectionId: section.id,
      connectionId: connection.id,
      lists: wanted,
    });
    if (result.ok) return router.push(here);
    const { taken } = (result.refusal.details ?? {}) as { taken?: NamedTag };
    if (taken) {
      showChosen();
      askAbout(taken);
    }
  }

  /** Problems are at chosen lists, which may be beyond what is shown. */
  function showChosen() {
    setText('');
    setOnlyChosen(true);
    setMost(Math.max(PAGE, chosen.length));
  }

  /** Somebody has made a tag of this name since the lists were read: asks whether to use it. */
  function askAbout(taken: NamedTag) {
    setDrafts(
      new Map(
        [...drafts].map(([externalId, draft]) => [
          externalId,
          nameKey(draft.tagName) === nameKey(taken.name) ? { ...draft, existing: taken, useExisting: null } : draft,
        ]),
      ),
    );
  }

  return (
    <>
      <PageHeader title={`Choose lists of “${connection.name}”`}>
        Each list that you choose keeps a tag: the people on the list have it. Nothing changes before the first sync.
      </PageHeader>
      <div ref={form} className="flex flex-col gap-4">
        {found.isPending && (
          <p role="status" className="text-muted">
            Asking the CRM for its lists…
          </p>
        )}
        {found.isError && (
          <ReadFailed onRetry={() => void found.refetch()} retrying={found.isFetching}>
            {`The lists could not be read. ${found.error.message}`}
          </ReadFailed>
        )}
        {found.data?.complete === false && (
          <Banner tone="warning">Not all lists could be read: some may be missing here.</Banner>
        )}
        {found.data?.notes.map((note) => (
          <Banner key={note}>{note}</Banner>
        ))}
        {found.data?.complete && lists.length === 0 && (
          <EmptyState title="The CRM has no lists">
            Or the API user may not see them. Make a list in the CRM, then read the lists again.
          </EmptyState>
        )}
        {lists.length > 0 && (
          <section aria-label={connection.listWords}>
            <div className="mb-2 flex flex-wrap items-center gap-2">
              <SearchField
                label="Search lists"
                placeholder="Search lists"
                value={text}
                onChange={setText}
                inputRef={searchInput}
                onLeave={(to) => to === 'first' && focusFirstRow()}
              />
              <Checkbox isSelected={onlyChosen} onChange={setOnlyChosen} isDisabled={ticked === 0 && !onlyChosen}>
                Only chosen ({number(ticked)})
              </Checkbox>
              <Button isPending={found.isFetching} onPress={() => void found.refetch()}>
                Read again
              </Button>
            </div>
            <ArrowItems className={`${cardClass} divide-line divide-y`}>
              {shown.map((list) => (
                <ListRow
                  key={list.externalId}
                  list={list}
                  draft={drafts.get(list.externalId) ?? null}
                  problem={tried ? problemOf(drafts, list.externalId) : null}
                  onChoose={(on) => change(list.externalId, on ? draftOf(list) : null)}
                  onChange={(draft) => change(list.externalId, draft)}
                />
              ))}
              {shown.length === 0 && (
                <li className="text-muted p-3">
                  {onlyChosen ? 'No list is chosen.' : 'No list has these words in its name.'}
                </li>
              )}
            </ArrowItems>
            <div className="mt-2 flex flex-wrap items-center gap-2">
              <p role="status" className="text-muted text-[13px]">
                {shown.length < matching.length
                  ? `${number(shown.length)} of ${number(matching.length)} lists`
                  : `${number(matching.length)} ${matching.length === 1 ? 'list' : 'lists'}`}
              </p>
              {shown.length < matching.length && (
                <Button size="small" onPress={() => setMost(most + PAGE)}>
                  Show more
                </Button>
              )}
            </div>
            <p className="text-muted mt-2 hidden text-[13px] md:block pointer-coarse:hidden">
              <Kbd>/</Kbd> search · <Kbd>↑ ↓</Kbd> move · <Kbd>Enter</Kbd> choose
            </p>
          </section>
        )}
        {refusal && <Banner tone="danger">{refusal.message}</Banner>}
        <div className="flex flex-wrap items-center justify-end gap-2">
          {manual && <Button onPress={() => setAddingManual(true)}>Add a manual list</Button>}
          <ButtonLink href={here}>Cancel</ButtonLink>
          <Button variant="primary" isPending={pending} isDisabled={chosen.length === 0} onPress={() => void keep()}>
            {chosen.length === 0
              ? 'Add lists'
              : `Add ${chosen.length === 1 ? '1 list' : `${number(chosen.length)} lists`}`}
          </Button>
        </div>
      </div>
      {addingManual && manual && (
        <ManualListDialog
          section={section}
          connection={connection}
          manual={manual}
          onClose={() => setAddingManual(false)}
          onKept={() => {
            if (drafts.size === 0) return router.push(here);
            // What else was chosen is not lost.
            setAddingManual(false);
            toast('The manual list keeps a tag now. Your other choices are still here');
            void found.refetch();
          }}
        />
      )}
    </>
  );
}
