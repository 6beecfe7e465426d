'use client';
// Lets another list of the CRM keep a tag, such as after its list was deleted there.
import { useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { TagName } from '@/components/tags/tag-chip';
import { Dialog, FormButtons } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { FindList } from '@/components/ui/find-list';
import { ReadFailed } from '@/components/ui/read-failed';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import { getJson } from '@/components/ui/json';
import type { AvailableList, AvailableLists } from '@/lib/integrations/live';
import type { ListView } from '@/lib/integrations/list-views';
import type { ConnectionView } from '@/lib/integrations/views';
import { nameKey } from '@/lib/naming/names';
import { relinkListAction } from '../actions';
import { number, type SectionRef } from '../words';
import { kindInWords } from './lists/kinds';

type Props = { section: SectionRef; connection: ConnectionView; list: ListView; onClose: () => void };

export function RelinkDialog({ section, connection, list, onClose }: Props) {
  const router = useRouter();
  const toast = useToast();
  const { refusal, pending, submit } = useSubmission();
  const [externalId, setExternalId] = useState<string | null>(null);
  const [text, setText] = useState('');
  const found = useQuery({
    queryKey: ['crm-lists', section.slug, connection.id],
    queryFn: ({ signal }) =>
      getJson<AvailableLists>(`/data/${section.slug}/integrations/${connection.id}/lists`, signal),
    gcTime: 0,
    retry: false,
  });
  const choices = (found.data?.lists ?? []).filter(
    ({ kept, problem, kind }) => kept === null && problem === null && kind !== 'manual',
  );
  const words = nameKey(text).split(' ').filter(Boolean);
  const matching = choices.filter(({ name }) => words.every((word) => nameKey(name).includes(word)));
  const chosen = choices.find((item) => item.externalId === externalId);
  const input = {
    sectionId: section.id,
    listId: list.id,
    externalId,
    name: chosen?.name,
    kind: chosen?.kind,
  };
  return (
    <Dialog title="Link to another list" isOpen onClose={onClose}>
      <form
        onSubmit={submit(relinkListAction, input, () => {
          toast('Linked: start a dry run to see what changes');
          onClose();
          router.refresh();
        })}
        className="flex flex-col gap-4"
      >
        {refusal && <Banner tone="danger">{refusal.message}</Banner>}
        <p>
          <TagName tag={list.tag} size="whole" /> will follow the list that you choose, instead of “{list.name}”.
          Nothing changes before you have seen a dry run.
        </p>
        {found.isPending && <p role="status">Asking the CRM for its lists…</p>}
        {found.isError && (
          <ReadFailed onRetry={() => void found.refetch()} retrying={found.isFetching}>
            {`The lists could not be read. ${found.error.message}`}
          </ReadFailed>
        )}
        {found.isSuccess &&
          (choices.length === 0 ? (
            <Banner>The CRM has no other list that could keep a tag.</Banner>
          ) : (
            <FindList
              label="List"
              placeholder="Search lists"
              text={text}
              onText={setText}
              entries={matching}
              single
              isSelected={(item) => item.externalId === externalId}
              entryKey={(item) => item.externalId}
              show={(item) => <ListLine list={item} />}
              onChoose={(item) => setExternalId(item.externalId)}
              status={
                matching.length === 0 ? 'No list has these words in its name.' : chosen && `Chosen: ${chosen.name}`
              }
            />
          ))}
        <FormButtons onCancel={onClose} submit="Link" isPending={pending} isDisabled={!chosen} />
      </form>
    </Dialog>
  );
}

/** Lists of one name are told apart by what they are. */
function ListLine({ list: { name, kind, members } }: { list: AvailableList }) {
  return (
    <span className="flex flex-wrap items-baseline gap-x-2">
      <span className="wrap-anywhere">{name}</span>
      <span className="text-muted text-xs">
        {kindInWords(kind)}
        {members !== null && ` · ${number(members)} ${members === 1 ? 'member' : 'members'}`}
      </span>
    </span>
  );
}
