'use client';
// The fields of steps that have ways: a branch, a split, a wait for something. Each way has its own.
import { ArrowDown, ArrowUp, Plus, X } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { Button, IconButton } from '@/components/ui/button';
import { DraftField } from '@/components/ui/draft-field';
import { RadioGroup, Select, TextField } from '@/components/ui/field';
import { parseNumber } from '@/lib/attributes/values';
import {
  dataOf,
  type Block,
  type Branch,
  type BranchWay,
  type Split,
  type SplitWay,
  type WaitFor,
  type WaitWay,
} from '@/lib/flows/schema';
import { waysOf } from '@/lib/flows/words';
import { nodeInWords } from '@/lib/segments/words';
import { useEditor, useShown } from '../editor-context';
import { RulesDialog } from '../rules-dialog';
import { newStepId } from '../tree';
import { addWay, canAddWay, canRemoveWay, changeWay, evenShares, moveWay } from '../ways';
import { AnswerFields } from './answer-fields';
import { FieldConditions } from './field-conditions';
import { HAPPENINGS, HappeningFields, newHappening } from './happening-fields';
import { TagField } from './tag-field';
import { DurationField } from './time-fields';

/** `only`: the fields of one way alone. */
export function BlockFields({ block, only = null }: { block: Block; only?: string | null }) {
  const { names } = useShown();
  const heads = waysOf(block, names);
  const shown = block.ways.flatMap((way, at) => (only === null || way.id === only ? [{ way, at }] : []));
  return (
    <>
      {only === null && <BlockSettings block={block} />}
      {shown.map(({ way, at }) => (
        <WayFrame key={way.id} block={block} at={at} name={heads[at]!.words}>
          {block.kind === 'branch' && <BranchWayFields block={block} way={block.ways[at]!} />}
          {block.kind === 'split' && <SplitWayFields block={block} way={block.ways[at]!} at={at} />}
          {block.kind === 'wait_for' && <WaitWayFields block={block} way={block.ways[at]!} />}
        </WayFrame>
      ))}
      {only === null && <BelowWays block={block} />}
    </>
  );
}

function BlockSettings({ block }: { block: Block }) {
  const { changeStep } = useEditor();
  if (block.kind === 'branch') {
    return (
      <p className="text-muted text-[13px]">
        Each person takes the first way whose conditions they fit, at the moment they come here.
      </p>
    );
  }
  if (block.kind === 'split') {
    return (
      <p className="text-muted text-[13px]">
        By chance. A person always takes the same way, however often they come here. With a tag on each way, the groups
        can be compared later.
      </p>
    );
  }
  return (
    <>
      <DurationField
        label="Waits at most"
        value={block.timeout}
        onChange={(timeout, what) => changeStep(block, { timeout }, what)}
      />
      {block.ways.some(({ what }) => what.kind === 'message') && (
        <p className="text-muted text-[13px]">What they do with a message counts since they entered the flow.</p>
      )}
      {block.ways.some(({ what }) => what.kind !== 'message') && (
        <RadioGroup
          label="It counts if it happens"
          value={block.since}
          options={[
            { value: 'step', label: 'While they wait here' },
            { value: 'entry', label: 'Since they entered the flow', hint: 'Then they may not have to wait at all.' },
          ]}
          onChange={(since) => changeStep(block, { since })}
        />
      )}
    </>
  );
}

type FrameProps = { block: Block; at: number; name: string; children: ReactNode };

function WayFrame({ block, at, name, children }: FrameProps) {
  const { changeStep, remove } = useEditor();
  const { problems } = useShown();
  const { id } = block.ways[at]!;
  return (
    <section aria-label={`Way: ${name}`} className="border-line flex flex-col gap-3 rounded-md border p-3">
      <div className="flex items-center gap-1">
        <h3 className="min-w-0 flex-1 truncate text-[13px] font-semibold">{name}</h3>
        {block.ways.length > 1 && (
          <>
            <IconButton
              label={`Move “${name}” forward`}
              isDisabled={at === 0}
              onPress={() => changeStep(block, moveWay(block, id, -1))}
            >
              <ArrowUp aria-hidden className="size-4" />
            </IconButton>
            <IconButton
              label={`Move “${name}” back`}
              isDisabled={at === block.ways.length - 1}
              onPress={() => changeStep(block, moveWay(block, id, 1))}
            >
              <ArrowDown aria-hidden className="size-4" />
            </IconButton>
          </>
        )}
        {canRemoveWay(block) && (
          <IconButton label={`Remove “${name}”`} onPress={() => remove(id)}>
            <X aria-hidden className="size-4" />
          </IconButton>
        )}
      </div>
      {children}
      {problems.get(id)?.map(({ words, must }) => (
        <p key={words} className={must ? 'text-danger text-[13px]' : 'text-muted text-[13px]'}>
          {words}
        </p>
      ))}
      <WayName block={block} at={at} name={name} />
    </section>
  );
}

function WayName({ block, at, name }: Omit<FrameProps, 'children'>) {
  const { changeStep } = useEditor();
  const way = block.ways[at]!;
  return (
    <TextField
      label="Name of this way"
      maxLength={60}
      placeholder={name}
      value={way.name}
      onChange={(next) => changeStep(block, changeWay(block, way.id, { name: next }), `${way.id} name`)}
    />
  );
}

function BranchWayFields({ block, way }: { block: Branch; way: BranchWay }) {
  const { section, things, changeStep } = useEditor();
  const { names, document } = useShown();
  const [isEditing, setEditing] = useState(false);
  const change = (part: Partial<BranchWay>, what?: string) =>
    changeStep(block, changeWay(block, way.id, part), what && `${way.id} ${what}`);
  const data = dataOf(document);
  if (way.answer) {
    return (
      <div className="flex flex-col gap-3">
        <AnswerFields isPast value={way.answer} onChange={(answer) => change({ answer })} />
        <p className="text-muted text-[13px]">
          Counted since they entered the flow. Nobody has read a mail a moment after it was sent: put a wait between.
        </p>
        <div>
          <Button size="small" variant="quiet" onPress={() => change({ answer: null })}>
            Conditions instead
          </Button>
        </div>
      </div>
    );
  }
  if (way.given) {
    return (
      <div className="flex flex-col gap-3">
        <p className="text-muted text-[13px]">By what the call of the API gave along with them.</p>
        <FieldConditions
          label="Conditions on the data"
          fieldLabel="Value of the data"
          fields={data.map(({ name, type }) => ({ code: name, name, type }))}
          value={way.given}
          onChange={(given, what) => change({ given }, what ?? 'given')}
        />
        <div>
          <Button size="small" variant="quiet" onPress={() => change({ given: null })}>
            Other conditions instead
          </Button>
        </div>
      </div>
    );
  }
  return (
    <div className="flex flex-col gap-2">
      <p className="wrap-anywhere">{way.rules ? `Somebody ${nodeInWords(way.rules.root, names)}` : 'Nobody yet'}</p>
      <div className="flex flex-wrap gap-2">
        <Button size="small" onPress={() => setEditing(true)}>
          {way.rules ? 'Change the conditions' : 'Choose the conditions'}
        </Button>
        {way.rules === null && (
          <Button size="small" variant="quiet" onPress={() => change({ answer: { did: 'opened', messageId: null } })}>
            Who opened a message…
          </Button>
        )}
        {way.rules === null && data.length > 0 && (
          <Button size="small" variant="quiet" onPress={() => change({ given: [] })}>
            By the data of the call…
          </Button>
        )}
      </div>
      {isEditing && (
        <RulesDialog
          slug={section.slug}
          vocabulary={things.vocabulary}
          title="Who goes this way"
          rules={way.rules}
          onDone={(rules) => change({ rules })}
          onClose={() => setEditing(false)}
        />
      )}
    </div>
  );
}

function SplitWayFields({ block, way, at }: { block: Split; way: SplitWay; at: number }) {
  const { section, changeStep } = useEditor();
  return (
    <>
      <DraftField
        label={`Share of ${String.fromCharCode(65 + at)} in per cent`}
        inputMode="numeric"
        value={way.percent}
        show={String}
        read={(text) => {
          const percent = parseNumber(text);
          const fits = typeof percent === 'number' && percent >= 0 && percent <= 100;
          return fits ? { value: Math.round(percent * 100) / 100 } : { problem: 'Enter 0 to 100.' };
        }}
        onChange={(percent) => changeStep(block, changeWay(block, way.id, { percent }), `${way.id} percent`)}
      />
      <TagField
        slug={section.slug}
        label={`Tag of ${String.fromCharCode(65 + at)}`}
        tagId={way.tagId}
        onChange={(tagId) => changeStep(block, changeWay(block, way.id, { tagId }))}
        onClear={() => changeStep(block, changeWay(block, way.id, { tagId: null }))}
      />
    </>
  );
}

function WaitWayFields({ block, way }: { block: WaitFor; way: WaitWay }) {
  const { changeStep } = useEditor();
  const set = (what: WaitWay['what'], label?: string) =>
    changeStep(block, changeWay(block, way.id, { what }), label && `${way.id} ${label}`);
  return (
    <>
      <Select
        label="Waits until"
        value={way.what.kind}
        options={HAPPENINGS}
        onChange={(kind) => set(newHappening(kind, way.what))}
      />
      <HappeningFields id={way.id} value={way.what} onChange={set} />
    </>
  );
}

const ADD_WORDS: Record<Block['kind'], string> = {
  branch: 'Add a way',
  split: 'Add a way',
  wait_for: 'Or wait for something else too',
};

function BelowWays({ block }: { block: Block }) {
  const { changeStep } = useEditor();
  const sum = block.kind === 'split' ? block.ways.reduce((total, { percent }) => total + percent, 0) : 100;
  return (
    <div className="flex flex-wrap items-center gap-2">
      {canAddWay(block) && (
        <Button size="small" onPress={() => changeStep(block, addWay(block, newStepId()))}>
          <Plus aria-hidden className="size-4" /> {ADD_WORDS[block.kind]}
        </Button>
      )}
      {block.kind === 'split' && (
        <>
          <Button size="small" variant="quiet" onPress={() => changeStep(block, evenShares(block))}>
            The same for each
          </Button>
          <span className={Math.abs(sum - 100) < 0.001 ? 'text-muted text-[13px]' : 'text-danger text-[13px]'}>
            {(Math.round(sum * 100) / 100).toLocaleString('en-GB')} % together
          </span>
        </>
      )}
    </div>
  );
}
