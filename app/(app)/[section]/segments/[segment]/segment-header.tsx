'use client';
// The segment's name and actions.
import { Copy, Download, Ellipsis, Pencil, Tag, Trash2 } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState, type ReactNode } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { ExportDialog, type ExportColumn } from '@/components/export/export-dialog';
import { Button, ButtonLink } from '@/components/ui/button';
import { buttonClass } from '@/components/ui/button-class';
import { PageHeader } from '@/components/ui/display';
import { useHotkeys } from '@/components/ui/hotkeys';
import { Menu } from '@/components/ui/menu';
import { useOpen } from '@/components/ui/when-online';
import { dayInWords } from '@/lib/attributes/comparison-words';
import type { SectionId, SegmentId } from '@/lib/db/ids';
import type { UsingThing } from '@/lib/used-in/queries';
import { BulkTagDialog } from '../../profiles/bulk-tag-dialog';
import { useSegmentSize } from '../use-segment-size';
import { DeleteSegmentDialog } from './delete-segment-dialog';

type Props = {
  section: { id: SectionId; slug: string };
  segment: { id: SegmentId; name: string; usedIn: UsingThing[]; well: boolean };
  columns: ExportColumn[];
  /** The day for which members are shown; null: now. */
  at: string | null;
  children: ReactNode;
};

export function SegmentHeader({ section, segment, columns, at, children }: Props) {
  const router = useRouter();
  const open = useOpen();
  const { slug } = section;
  const [dialog, setDialog] = useState<'tag' | 'export' | 'delete' | null>(null);
  const edit = `/${slug}/segments/${segment.id}/edit`;
  useHotkeys({ e: () => open(edit) });
  const close = () => setDialog(null);
  return (
    <>
      <PageHeader
        title={segment.name}
        actions={
          <>
            <Button onPress={() => setDialog('tag')} isDisabled={!segment.well}>
              <Tag aria-hidden className="size-4" /> {at === null ? 'Tag members…' : 'Tag current members…'}
            </Button>
            <Button onPress={() => setDialog('export')} isDisabled={!segment.well}>
              <Download aria-hidden className="size-4" /> Export…
            </Button>
            <span className="flex items-center gap-2">
              <ButtonLink href={edit} variant="primary">
                <Pencil aria-hidden className="size-4" /> Edit
              </ButtonLink>
              <Menu
                label="More"
                trigger={
                  <AriaButton aria-label="More" className={buttonClass({ variant: 'quiet' })}>
                    <Ellipsis aria-hidden className="size-4" />
                  </AriaButton>
                }
                entries={[
                  {
                    id: 'copy',
                    text: 'Make a copy',
                    href: `/${slug}/segments/new?copy=${segment.id}`,
                    label: (
                      <>
                        <Copy aria-hidden className="text-muted size-4" /> Make a copy
                      </>
                    ),
                  },
                  'line',
                  {
                    id: 'delete',
                    text: 'Delete…',
                    danger: true,
                    onAction: () => setDialog('delete'),
                    label: (
                      <>
                        <Trash2 aria-hidden className="size-4" /> Delete…
                      </>
                    ),
                  },
                ]}
              />
            </span>
          </>
        }
      >
        {children}
      </PageHeader>
      {dialog === 'tag' && (
        <TagMembers section={section} segmentId={segment.id} onClose={close} onChanged={() => router.refresh()} />
      )}
      {dialog === 'export' && (
        <ExportDialog
          title={`Export “${segment.name}”`}
          columns={columns}
          hrefOf={(chosen) => {
            const query = new URLSearchParams(at === null ? {} : { at });
            if (chosen.length < columns.length) for (const id of chosen) query.append('column', id);
            return `/data/${slug}/segments/${segment.id}/export${query.size > 0 ? `?${query}` : ''}`;
          }}
          onClose={close}
        >
          {at === null
            ? 'Everyone who is in the segment when the download begins, one row each.'
            : `Everyone who was in the segment at the end of ${dayInWords(at)}, one row each; values and tags as they are now.`}
        </ExportDialog>
      )}
      {dialog === 'delete' && <DeleteSegmentDialog section={section} segment={segment} onClose={close} />}
    </>
  );
}

type TagMembersProps = {
  section: Props['section'];
  segmentId: SegmentId;
  onClose: () => void;
  onChanged: () => void;
};

/** The dialog for tagging everyone who is in the segment when it starts. */
function TagMembers({ section, segmentId, onClose, onChanged }: TagMembersProps) {
  const { data, error } = useSegmentSize(section.slug, segmentId);
  return (
    <BulkTagDialog
      section={section}
      selection={{ kind: 'segment', segmentId }}
      size={data?.count ?? null}
      uncounted={error?.message}
      onChanged={onChanged}
      onClose={onClose}
    />
  );
}
