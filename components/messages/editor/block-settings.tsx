'use client';
// What can be set of a block beside its text.
import { Eye, Plus, Trash2 } from 'lucide-react';
import { useRef, type ReactNode } from 'react';
import { Button, IconButton } from '@/components/ui/button';
import { Select, TextArea } from '@/components/ui/field';
import { nearestWidth, pictureWidths, WHOLE_WIDTH } from './picture-widths';
import { Labelled } from '@/components/ui/labelled';
import { ToggleRow } from '@/components/ui/toggle-row';
import { NETWORK_NAMES, NETWORKS, type Block } from '@/lib/mail-document/schema';
import { useEditorActions } from './editor-context';
import { usePicture } from './image-content';
import { HtmlSettings } from './html-content';
import { LinkField } from './link-form';
import { newBlock } from './new-blocks';
import { useTagOfBlock } from './use-tag-of-block';

type Of<Kind extends Block['kind']> = Extract<Block, { kind: Kind }>;

export function BlockSettings({ block }: { block: Block }) {
  return (
    <div className="flex flex-col gap-4">
      <Own block={block} />
      <WhoSetting block={block} />
    </div>
  );
}

const ALIGNS = [
  { value: 'left' as const, label: 'Left' },
  { value: 'center' as const, label: 'Centre' },
  { value: 'right' as const, label: 'Right' },
];

function Own({ block }: { block: Block }) {
  const { changeBlock } = useEditorActions();
  const set = (part: Partial<Block>, what: string | null = null) =>
    changeBlock(block.id, (now) => ({ ...now, ...part }) as Block, what);
  const align = 'align' in block && (
    <Labelled label="Position">
      <ToggleRow label="Position" value={block.align} options={ALIGNS} onChange={(value) => set({ align: value })} />
    </Labelled>
  );
  switch (block.kind) {
    case 'heading':
      return (
        <>
          <Labelled label="Size">
            <ToggleRow
              label="Size"
              value={String(block.level) as '1' | '2' | '3'}
              options={[
                { value: '1', label: 'Large' },
                { value: '2', label: 'Medium' },
                { value: '3', label: 'Small' },
              ]}
              onChange={(level) => set({ level: Number(level) as 1 | 2 | 3 })}
            />
          </Labelled>
          {align}
        </>
      );
    case 'text':
      return (
        <>
          <Labelled label="As">
            <ToggleRow
              label="As"
              value={block.list}
              options={[
                { value: 'none', label: 'Text' },
                { value: 'bullets', label: 'Bullets' },
                { value: 'numbers', label: 'Numbers' },
              ]}
              onChange={(list) => set({ list })}
            />
          </Labelled>
          {align}
        </>
      );
    case 'image':
      return <ImageSettings block={block} set={set} align={align} />;
    case 'button':
      return (
        <>
          <LinkField label="Link" value={block.link} onChange={(link) => set({ link }, `${block.id} link`)} />
          {align}
        </>
      );
    case 'social':
      return <SocialSettings block={block} set={set} />;
    case 'html':
      return <HtmlSettings block={block} set={set} />;
    case 'columns':
      return (
        <Labelled label="Columns">
          <ToggleRow
            label="Columns"
            value={String(block.columns.length) as '2' | '3'}
            options={[
              { value: '2', label: 'Two' },
              { value: '3', label: 'Three' },
            ]}
            onChange={(count) => set({ columns: inColumns(block.columns, Number(count)) })}
          />
        </Labelled>
      );
    case 'divider':
    case 'footer':
      return null;
  }
}

/** What was in a column that goes stays, in the last one. */
function inColumns(columns: Of<'columns'>['columns'], count: number): Of<'columns'>['columns'] {
  if (count > columns.length) return [...columns, [newBlock('text') as Of<'text'>]];
  return [...columns.slice(0, count - 1), columns.slice(count - 1).flat()];
}

function ImageSettings({
  block,
  set,
  align,
}: {
  block: Of<'image'>;
  set: (part: Partial<Of<'image'>>, what?: string | null) => void;
  align: ReactNode;
}) {
  const { take, isUploading, problem } = usePicture(block);
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <TextArea
        label="Description"
        rows={2}
        value={block.alt}
        onChange={(alt) => set({ alt: alt.slice(0, 500) }, `alt of ${block.id}`)}
        help="What it shows, for people who do not see it. Empty if it is decoration."
      />
      <LinkField
        label="Link"
        value={block.link ?? ''}
        optional
        onChange={(link) => set({ link: link === '' ? null : link }, `${block.id} link`)}
      />
      <Select
        label="Width"
        value={nearestWidth(WHOLE_WIDTH, block.width)}
        options={pictureWidths(WHOLE_WIDTH)}
        onChange={(px) => set({ width: Number(px) })}
      />
      {align}
      <div>
        <Button size="small" isPending={isUploading} onPress={() => input.current?.click()}>
          {block.source === '' ? 'Choose a picture' : 'Another picture'}
        </Button>
        <input
          ref={input}
          type="file"
          accept="image/png,image/jpeg,image/gif,image/webp"
          aria-label="Another picture"
          tabIndex={-1}
          className="sr-only"
          onChange={(event) => void take(event.target.files?.[0])}
        />
        {problem && <p className="text-danger mt-1 text-[13px]">{problem}</p>}
      </div>
    </>
  );
}

function SocialSettings({
  block,
  set,
}: {
  block: Of<'social'>;
  set: (part: Partial<Of<'social'>>, what?: string) => void;
}) {
  const { links } = block;
  const change = (at: number, part: Partial<(typeof links)[number]>) =>
    set({ links: links.map((one, index) => (index === at ? { ...one, ...part } : one)) }, `${block.id} link ${at}`);
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="sr-only">Links</legend>
      {links.map(({ network, link }, at) => (
        <div key={at} className="border-line flex flex-col gap-2 border-b pb-3">
          <div className="flex items-end gap-1">
            <div className="flex-1">
              <Select
                label="Network"
                value={network}
                options={NETWORKS.map((value) => ({ value, label: NETWORK_NAMES[value] }))}
                onChange={(value) => change(at, { network: value })}
              />
            </div>
            <IconButton
              label={`Remove ${NETWORK_NAMES[network]}`}
              isDisabled={links.length === 1}
              onPress={() => set({ links: links.filter((_one, index) => index !== at) })}
            >
              <Trash2 aria-hidden className="size-4" />
            </IconButton>
          </div>
          <LinkField
            label={`Link to ${NETWORK_NAMES[network]}`}
            value={link}
            brief
            onChange={(next) => change(at, { link: next })}
          />
        </div>
      ))}
      {links.length < 6 && (
        <div>
          <Button
            size="small"
            onPress={() =>
              set({
                links: [
                  ...links,
                  {
                    network: NETWORKS.find((one) => !links.some(({ network }) => network === one)) ?? 'facebook',
                    link: '',
                  },
                ],
              })
            }
          >
            <Plus aria-hidden className="size-4" />
            Another network
          </Button>
        </div>
      )}
    </fieldset>
  );
}

function WhoSetting({ block }: { block: Block }) {
  const { askWho } = useEditorActions();
  const who = block.onlyFor;
  const tag = useTagOfBlock(who);
  return (
    <Labelled label="Who sees it">
      <div className="flex flex-wrap items-center gap-2">
        <span className={`inline-flex min-w-0 items-center gap-1.5 wrap-anywhere${tag.isLost ? ' text-danger' : ''}`}>
          <Eye aria-hidden className="text-muted size-4 shrink-0" />
          {who === null
            ? 'Everyone'
            : `People ${who.has ? 'with' : 'without'} the tag “${tag.name}”${tag.isLost ? ', which is hidden' : ''}`}
        </span>
        <Button size="small" onPress={() => askWho(block.id)}>
          Change
        </Button>
      </div>
    </Labelled>
  );
}
