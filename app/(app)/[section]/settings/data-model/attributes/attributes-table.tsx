'use client';
// The section's attributes: typed fields with a value.
import { useQuery } from '@tanstack/react-query';
import { Eye, EyeOff, Pencil, Plus, Zap } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { ArrowRows } from '@/components/ui/arrow-rows';
import { Button, IconButton } from '@/components/ui/button';
import { Badge, cardClass, CellLabel, PageHeader, stackedClass, TableHead } from '@/components/ui/display';
import { useHotkeys } from '@/components/ui/hotkeys';
import { getJson } from '@/components/ui/json';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import { AskToHide } from '@/components/used-in/ask-to-hide';
import { attentionInWords, UsedIn } from '@/components/used-in/used-in';
import type { Dependent, UsersOfThing } from '@/lib/used-in/queries';
import { TYPE_NAMES, type Attribute } from '@/lib/attributes/schema';
import type { AttributeIndex } from '@/lib/attributes/value-index';
import type { SectionId } from '@/lib/db/ids';
import { setAttributeHiddenAction } from './actions';
import { AttributeDialog } from './attribute-dialog';
import { IndexDialog } from './index-dialog';

type Props = {
  section: { id: SectionId; slug: string };
  attributes: (Attribute & { usedIn: UsersOfThing[] })[];
  /** What depends on each of them, directly or indirectly. */
  dependents: Dependent[];
  indexes: AttributeIndex[];
};

/** Number of segments comparing an attribute from which on an index is offered. */
const OFTEN = 3;
const POLL_MS = 2_000;

const segmentsOf = (usedIn: readonly UsersOfThing[]) => usedIn.find(({ kind }) => kind === 'segment')?.count ?? 0;

export function AttributesTable({ section, attributes, dependents, indexes: initial }: Props) {
  const { id: sectionId, slug } = section;
  const router = useRouter();
  const toast = useToast();
  const { send } = useSubmission();
  const [open, setOpen] = useState<'new' | Attribute | null>(null);
  const [indexing, setIndexing] = useState<Attribute | null>(null);
  /** What somebody wants to hide, and others depend on. */
  const [asking, setAsking] = useState<Attribute | null>(null);
  useHotkeys({ n: () => setOpen('new') });
  const indexes = useQuery({
    queryKey: ['attribute-indexes', slug],
    queryFn: ({ signal }) => getJson<AttributeIndex[]>(`/data/${slug}/attributes/indexes`, signal),
    initialData: initial,
    refetchInterval: ({ state }) => (state.data?.some(({ status }) => status === 'building') ? POLL_MS : false),
  });
  const indexOf = (attribute: Attribute) => indexes.data.find(({ attributeId }) => attributeId === attribute.id);

  const dependentsOf = ({ id }: Attribute) => dependents.filter(({ usedId }) => usedId === id);
  const toggle = (attribute: Attribute) =>
    !attribute.hiddenAt && dependentsOf(attribute).length > 0
      ? setAsking(attribute)
      : void setHidden(attribute, !attribute.hiddenAt);

  async function setHidden(attribute: Attribute, hidden: boolean) {
    setAsking(null);
    const result = await send(setAttributeHiddenAction, { sectionId, attributeId: attribute.id, hidden });
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger' });
    toast(
      `“${attribute.name}” is ${hidden ? 'hidden' : 'shown again'}${attentionInWords(hidden, dependents, attribute.id)}`,
      {
        about: [`attribute ${attribute.id}`],
        action: { label: 'Undo', run: () => void setHidden(attribute, !hidden) },
      },
    );
    router.refresh();
  }

  return (
    <>
      <PageHeader
        title="Attributes"
        actions={
          <Button variant="primary" onPress={() => setOpen('new')}>
            <Plus aria-hidden className="size-4" /> Add attribute
          </Button>
        }
      >
        Attributes hold values. For a yes or no, use a tag.
      </PageHeader>
      <div className={`${cardClass} relative overflow-x-auto`} tabIndex={0} role="region" aria-label="Attributes">
        <table className={stackedClass.table}>
          <TableHead stacked titles={['Name', 'Type', 'Used in', 'Discriminator', '']} />
          <ArrowRows className={stackedClass.body}>
            {attributes.map((attribute) => (
              <tr key={attribute.id} className={stackedClass.row}>
                <td className={`${stackedClass.cell} max-md:pr-28 md:min-w-44`}>
                  <span className="flex flex-wrap items-center gap-2">
                    <span className="font-medium">{attribute.name}</span>
                    {attribute.system && <Badge>System</Badge>}
                    {attribute.hiddenAt && <Badge tone="warning">Hidden</Badge>}
                    <IndexBadge index={indexOf(attribute)} />
                  </span>
                  {attribute.description && <span className="text-muted block text-xs">{attribute.description}</span>}
                </td>
                <td className={stackedClass.cell}>
                  <CellLabel>Type</CellLabel>
                  {TYPE_NAMES[attribute.type]}
                  {attribute.choices.length > 0 && (
                    <span className="text-muted block max-w-60 truncate text-xs">{attribute.choices.join(', ')}</span>
                  )}
                </td>
                <td className={stackedClass.cell}>
                  <CellLabel>Used in</CellLabel>
                  <UsedIn slug={slug} name={attribute.name} usedIn={attribute.usedIn} />
                  {!indexOf(attribute) && segmentsOf(attribute.usedIn) >= OFTEN && (
                    <Button size="small" onPress={() => setIndexing(attribute)}>
                      Speed up segments…
                    </Button>
                  )}
                </td>
                <td className={`${stackedClass.cell} text-muted`}>
                  <CellLabel>Discriminator</CellLabel>
                  <code className="text-xs">{attribute.discriminator}</code>
                </td>
                <td className={stackedClass.actions}>
                  {!attribute.hiddenAt && (
                    <IconButton label={`Speed up segments: ${attribute.name}`} onPress={() => setIndexing(attribute)}>
                      <Zap aria-hidden className="size-4" />
                    </IconButton>
                  )}
                  {!attribute.system && (
                    <>
                      <IconButton label={`Edit ${attribute.name}`} onPress={() => setOpen(attribute)}>
                        <Pencil aria-hidden className="size-4" />
                      </IconButton>
                      <IconButton
                        label={`${attribute.hiddenAt ? 'Show' : 'Hide'} ${attribute.name}`}
                        onPress={() => toggle(attribute)}
                      >
                        {attribute.hiddenAt ? (
                          <Eye aria-hidden className="size-4" />
                        ) : (
                          <EyeOff aria-hidden className="size-4" />
                        )}
                      </IconButton>
                    </>
                  )}
                </td>
              </tr>
            ))}
          </ArrowRows>
        </table>
      </div>
      {indexing && (
        <IndexDialog
          sectionId={sectionId}
          attribute={indexing}
          index={indexOf(indexing)}
          onClose={() => setIndexing(null)}
          onDone={() => {
            setIndexing(null);
            void indexes.refetch();
          }}
        />
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
        <AttributeDialog
          sectionId={sectionId}
          attribute={open === 'new' ? null : open}
          onClose={() => setOpen(null)}
          onDone={() => {
            setOpen(null);
            router.refresh();
          }}
        />
      )}
    </>
  );
}

function IndexBadge({ index }: { index: AttributeIndex | undefined }) {
  switch (index?.status) {
    case 'ready':
      return <Badge tone="success">Fast in segments</Badge>;
    case 'building':
      return <Badge>Index being built</Badge>;
    case 'failed':
      return <Badge tone="danger">Index failed</Badge>;
    case undefined:
      return null;
  }
}
