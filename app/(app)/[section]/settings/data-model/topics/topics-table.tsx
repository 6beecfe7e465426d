'use client';
// The section's topics by folder: what people can agree to, and how many have.
import { Eye, EyeOff, Pencil, Plus, Trash2 } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { Suspense, use, useState } from 'react';
import type { Deferred } from '@/app/deferred';
import { ArrowRows } from '@/components/ui/arrow-rows';
import { Button, IconButton } from '@/components/ui/button';
import { Badge, cardClass, CellLabel, EmptyState, PageHeader, stackedClass, TableHead } from '@/components/ui/display';
import { useHotkeys } from '@/components/ui/hotkeys';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import { AskToHide } from '@/components/used-in/ask-to-hide';
import { attentionInWords } from '@/components/used-in/used-in';
import { CHANNELS, type Channel, type Topic, type TopicCount } from '@/lib/consents/schema';
import { CHANNEL_NAMES, CONSENT_WORDS } from '@/lib/consents/words';
import type { SectionId, TopicId } from '@/lib/db/ids';
import type { Dependent } from '@/lib/used-in/queries';
import { setTopicHiddenAction } from './actions';
import { DeleteTopicDialog } from './delete-topic-dialog';
import { TopicDialog } from './topic-dialog';

type Props = {
  section: { id: SectionId; slug: string };
  topics: Topic[];
  /** What depends on each of them. */
  dependents: Dependent[];
  counts: Deferred<TopicCount[]>;
};

export function TopicsTable({ section: { id: sectionId, slug }, topics, dependents, counts }: Props) {
  const router = useRouter();
  const toast = useToast();
  const { send } = useSubmission();
  const [open, setOpen] = useState<'new' | Topic | null>(null);
  const [deleting, setDeleting] = useState<Topic | null>(null);
  /** What somebody wants to hide, and others depend on. */
  const [asking, setAsking] = useState<Topic | null>(null);
  useHotkeys({ n: () => setOpen('new') });

  const dependentsOf = ({ id }: Topic) => dependents.filter(({ usedId }) => usedId === id);
  const toggle = (topic: Topic) =>
    !topic.hiddenAt && dependentsOf(topic).length > 0 ? setAsking(topic) : void setHidden(topic, !topic.hiddenAt);

  async function setHidden(topic: Topic, hidden: boolean) {
    setAsking(null);
    const result = await send(setTopicHiddenAction, { sectionId, topicId: topic.id, hidden });
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger' });
    toast(`“${topic.name}” is ${hidden ? 'hidden' : 'shown again'}${attentionInWords(hidden, dependents, topic.id)}`, {
      about: [`topic ${topic.id}`],
      action: { label: 'Undo', run: () => void setHidden(topic, !hidden) },
    });
    router.refresh();
  }

  const add = (
    <Button variant="primary" onPress={() => setOpen('new')}>
      <Plus aria-hidden className="size-4" /> Add topic
    </Button>
  );
  const folders = [...new Set(topics.map(({ folder }) => folder).filter(Boolean))];
  return (
    <>
      <PageHeader title="Topics" actions={topics.length > 0 && add}>
        What people can agree to get, by email or SMS. A few clear ones are better than many.
      </PageHeader>
      {topics.length === 0 ? (
        <EmptyState title="No topics yet" action={add}>
          Add what people can subscribe to, such as “Newsletter”; then forms, imports and API clients can record who has
          agreed to it.
        </EmptyState>
      ) : (
        <div className={`${cardClass} relative overflow-x-auto`} tabIndex={0} role="region" aria-label="Topics">
          <table className={stackedClass.table}>
            <TableHead stacked titles={['Name', 'Folder', 'Email', 'SMS', 'Discriminator', '']} />
            <ArrowRows className={stackedClass.body}>
              {topics.map((topic) => (
                <tr key={topic.id} className={stackedClass.row}>
                  <td className={`${stackedClass.cell} max-md:pr-28 md:min-w-44`}>
                    <span className="flex flex-wrap items-center gap-2">
                      <span className="font-medium wrap-anywhere">{topic.name}</span>
                      {topic.hiddenAt && <Badge tone="warning">Hidden</Badge>}
                    </span>
                    {topic.description && <span className="text-muted block text-xs">{topic.description}</span>}
                  </td>
                  <td className={stackedClass.cell}>
                    <CellLabel>Folder</CellLabel>
                    {topic.folder || <span className="text-muted">none</span>}
                  </td>
                  {CHANNELS.map((channel) => (
                    <td key={channel} className={stackedClass.cell}>
                      <CellLabel>{CHANNEL_NAMES[channel]}</CellLabel>
                      <Suspense fallback={<span className="text-muted">Counting…</span>}>
                        <Counts counts={counts} topicId={topic.id} channel={channel} />
                      </Suspense>
                    </td>
                  ))}
                  <td className={`${stackedClass.cell} text-muted`}>
                    <CellLabel>Discriminator</CellLabel>
                    <code className="text-xs wrap-anywhere select-all">{topic.discriminator}</code>
                  </td>
                  <td className={stackedClass.actions}>
                    <IconButton label={`Edit ${topic.name}`} onPress={() => setOpen(topic)}>
                      <Pencil aria-hidden className="size-4" />
                    </IconButton>
                    <IconButton
                      label={`${topic.hiddenAt ? 'Show' : 'Hide'} ${topic.name}`}
                      onPress={() => toggle(topic)}
                    >
                      {topic.hiddenAt ? (
                        <Eye aria-hidden className="size-4" />
                      ) : (
                        <EyeOff aria-hidden className="size-4" />
                      )}
                    </IconButton>
                    <IconButton label={`Delete ${topic.name}`} onPress={() => setDeleting(topic)}>
                      <Trash2 aria-hidden className="size-4" />
                    </IconButton>
                  </td>
                </tr>
              ))}
            </ArrowRows>
          </table>
        </div>
      )}
      {asking && (
        <AskToHide
          slug={slug}
          name={asking.name}
          dependents={dependentsOf(asking)}
          onHide={() => void setHidden(asking, true)}
          onClose={() => setAsking(null)}
        />
      )}
      {open && (
        <TopicDialog
          sectionId={sectionId}
          topic={open === 'new' ? null : open}
          folders={folders}
          onClose={() => setOpen(null)}
          onDone={() => {
            setOpen(null);
            router.refresh();
          }}
        />
      )}
      {deleting && (
        <DeleteTopicDialog
          sectionId={sectionId}
          topic={deleting}
          onClose={() => setDeleting(null)}
          onDone={() => {
            toast(`“${deleting.name}” has been deleted`);
            setDeleting(null);
            router.refresh();
          }}
        />
      )}
    </>
  );
}

type CountsProps = { counts: Deferred<TopicCount[]>; topicId: TopicId; channel: Channel };

function Counts({ counts, topicId, channel }: CountsProps) {
  const counted = use(counts);
  if (!counted.ok) return <span className="text-muted">{counted.message}</span>;
  const own = counted.value.filter((count) => count.topicId === topicId && count.channel === channel);
  if (own.length === 0) return <span className="text-muted">nobody</span>;
  return (
    <ul>
      {own.map(({ type, people }) => (
        <li key={type} className={type === 'opt-out' ? 'text-muted' : undefined}>
          <span className="tabular-nums">{people.toLocaleString('en-GB')}</span> {CONSENT_WORDS[type]}
        </li>
      ))}
    </ul>
  );
}
