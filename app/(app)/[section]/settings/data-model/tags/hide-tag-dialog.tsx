'use client';
// Hiding is for good: the dialog shows first what it will touch, live.
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { answerOf } from '@/components/ui/answer-of';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Banner } from '@/components/ui/display';
import { useToast } from '@/components/ui/toasts';
import type { TagRow } from '@/lib/tags/schema';
import { hideTagAction, readHideImpact } from './actions';
import type { SectionRef } from './tag-rows';

type Props = { section: SectionRef; tag: TagRow; onClose: () => void; onDone: () => void };

export function HideTagDialog({ section, tag, onClose, onDone }: Props) {
  const toast = useToast();
  const [problem, setProblem] = useState<string | null>(null);
  const [pending, setPending] = useState(false);
  const impact = useQuery({
    queryKey: ['hide-impact', section.slug, tag.id],
    queryFn: () => readHideImpact(section.slug, tag.id),
    refetchInterval: 3_000,
    staleTime: 0,
  });

  async function hide() {
    setPending(true);
    const result = await answerOf(hideTagAction({ sectionId: section.id, tagId: tag.id }));
    setPending(false);
    if (!result.ok) return setProblem(result.refusal.message);
    toast(`“${tag.name}” has been hidden`);
    onDone();
  }

  const profiles = impact.data?.profiles ?? tag.profiles;
  return (
    <Dialog
      alert
      title={`Hide “${tag.name}”?`}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button variant="danger" onPress={() => void hide()} isPending={pending} isDisabled={problem !== null}>
            Hide
          </Button>
        </>
      }
    >
      {problem && <Banner tone="danger">{problem}</Banner>}
      <div>
        <p className="mb-1 font-medium">What it touches now</p>
        <ul className="list-disc pl-5">
          <li>
            {profiles === 0
              ? 'No profile has it.'
              : `${profiles.toLocaleString('en-GB')} ${profiles === 1 ? 'profile has' : 'profiles have'} it.`}
          </li>
          {impact.data?.segments.map(({ id, name, direct }) => (
            <li key={id}>
              The segment{' '}
              <Link href={`/${section.slug}/segments/${id}`} className="underline">
                {name}
              </Link>{' '}
              {direct
                ? 'uses it. It will need attention, and nobody can use it until someone has mended it.'
                : 'uses it through another segment. It will need attention until that one is mended.'}
            </li>
          ))}
          {impact.data?.segments.length === 0 && <li>No segment uses it.</li>}
          {impact.data?.imports.map((file) => (
            <li key={file}>The import of “{file}” uses it and will not start.</li>
          ))}
          {impact.data?.imports.length === 0 && <li>No import that waits or runs uses it.</li>}
        </ul>
      </div>
      <p>
        Hidden Tags will not appear in Profiles or any activities within your account, but they will not be deleted.
      </p>
      <p>
        Are you sure you want to proceed? <strong>This action cannot be undone.</strong> Click Hide to confirm. The Tag
        will be hidden from profiles and any activities.
      </p>
    </Dialog>
  );
}
