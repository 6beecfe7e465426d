'use client';
// A condition: its fields, its count and its menu.
import { memo, useMemo } from 'react';
import { Button } from '@/components/ui/button';
import { conditionInWords } from '@/lib/segments/words';
import type { Vocabulary } from '@/lib/segments/vocabulary';
import { AttributeFields } from './attribute-fields';
import { useBuilder, type Builder } from './builder-context';
import type { Problems } from '@/components/comparison/draft-comparison';
import { checkCondition, type DraftCondition } from './draft';
import { EventFields } from './event-fields';
import { LiveCount } from './live-count';
import { DragHandle, PartMenu } from './part-menu';
import { ProfileFields } from './profile-fields';
import { SegmentFields } from './segment-fields';
import { TagFields } from './tag-fields';
import { useNames } from './use-names';

export const ConditionRow = memo(function ConditionRow({ node }: { node: DraftCondition }) {
  const builder = useBuilder();
  const names = useNames();
  const checked = useMemo(() => checkCondition(node), [node]);
  const problems = checked.ok ? {} : checked.problems;
  const words = checked.ok ? conditionInWords(checked.condition, names) : 'an incomplete condition';
  const lost = missingReference(node, builder);
  const firstProblem = toChoose(node, builder.vocabulary) ?? Object.values(problems)[0];
  return (
    <div className="flex flex-col gap-1 py-1.5" data-part={node.key}>
      <div className="flex items-start gap-1.5">
        <DragHandle node={node} words={words} />
        <div className="flex min-w-0 flex-1 flex-wrap items-center gap-1.5">
          {/* Nothing is wrong before somebody has typed: what is missing is marked when they save. */}
          <Fields node={node} problems={builder.strict ? problems : {}} />
        </div>
        <span className="flex h-8 items-center">
          <LiveCount node={checked.ok ? checked.condition : null} lost={lost !== undefined} />
        </span>
        <PartMenu node={node} words={words} />
      </div>
      {firstProblem && (
        <p className={`pl-6.5 text-[13px] ${builder.strict ? 'text-danger' : 'text-muted'}`}>
          {builder.strict ? '' : 'Not counted yet: '}
          {firstProblem}
        </p>
      )}
      {lost && (
        <div
          className="bg-danger-soft text-danger ml-6.5 flex flex-wrap items-center gap-2 rounded-md px-3 py-2"
          role="alert"
        >
          <span className="min-w-0 flex-1">{lost} Choose another, or remove the condition.</span>
          <Button size="small" onPress={() => builder.remove(node.key)}>
            Remove it
          </Button>
        </div>
      )}
    </div>
  );
});

/** What is chosen from a list, and is not yet: nobody can enter a text there. */
function toChoose(node: DraftCondition, { events }: Vocabulary): string | undefined {
  if (node.kind !== 'event') return undefined;
  const fields = events.find(({ id }) => id === node.eventTypeId)?.fields ?? [];
  const open = node.fields.find(
    ({ code, compare }) =>
      (compare.test === 'is' || compare.test === 'is_not') &&
      compare.text === '' &&
      fields.some((field) => field.code === code && (field.options || field.type === 'choice')),
  );
  const name = fields.find(({ code }) => code === open?.code)?.name;
  return name === undefined ? undefined : `Choose: ${name}.`;
}

function Fields({ node, problems }: { node: DraftCondition; problems: Problems }) {
  switch (node.kind) {
    case 'tag':
      return <TagFields node={node} problems={problems} />;
    case 'attribute':
      return <AttributeFields node={node} problems={problems} />;
    case 'event':
      return <EventFields node={node} problems={problems} />;
    case 'profile':
      return <ProfileFields node={node} problems={problems} />;
    case 'segment':
      return <SegmentFields node={node} />;
  }
}

/** Why a condition cannot be used: it refers to something hidden or deleted. */
export function missingReference(
  node: DraftCondition,
  { vocabulary, tag }: Pick<Builder, 'vocabulary' | 'tag'>,
): string | undefined {
  const gone = <Thing extends { lost?: string }>(thing: Thing | undefined, what: string) =>
    thing ? thing.lost : `The ${what} no longer exists.`;
  switch (node.kind) {
    case 'tag':
      return tag(node.tagId)?.lost;
    case 'attribute':
      return gone(
        vocabulary.attributes.find(({ id }) => id === node.attributeId),
        'attribute',
      );
    case 'event':
      return gone(
        vocabulary.events.find(({ id }) => id === node.eventTypeId),
        'event',
      );
    case 'segment': {
      const segment = vocabulary.segments.find(({ id }) => id === node.segmentId);
      if (!segment) return 'The segment no longer exists.';
      return segment.attention ? `The segment “${segment.name}” needs attention itself: fix it first.` : undefined;
    }
    case 'profile':
      return undefined;
  }
}
