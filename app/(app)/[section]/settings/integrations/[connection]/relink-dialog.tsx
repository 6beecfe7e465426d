'use client';
// Lets another list of the CRM keep a tag, such as after its list was deleted there.
import { useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { TagName } from '@/components/tags/tag-chip';
import { Dialog, FormButtons } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { Select } from '@/components/ui/field';
import { ReadFailed } from '@/components/ui/read-failed';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import { getJson } from '@/components/ui/json';
import type { AvailableLists } from '@/lib/integrations/live';
import type { ConnectionView, ListView } from '@/lib/integrations/views';
import { relinkListAction } from '../actions';
import type { SectionRef } from '../words';

type Props = { section: SectionRef; connection: ConnectionView; list: ListView; onClose: () => void };

export function RelinkDialog({ section, connection, list, onClose }: Props) {
  const router = useRouter();
  const toast = useToast();
  const { refusal, pending, submit } = useSubmission();
  const [externalId, setExternalId] = useState<string | null>(null);
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
          <TagName tag={list.tag} /> will follow the list that you choose, instead of “{list.name}”. Nothing changes
          before you have seen a dry run.
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
            <Select
              label="List"
              value={externalId}
              onChange={setExternalId}
              options={choices.map((item) => ({ value: item.externalId, label: item.name, hint: item.externalId }))}
            />
          ))}
        <FormButtons onCancel={onClose} submit="Link" isPending={pending} isDisabled={!chosen} />
      </form>
    </Dialog>
  );
}
