'use client';
// Chosen tags, segments and messages as chips, those that cannot be used marked as such.
import clsx from 'clsx';
import { TriangleAlert, X } from 'lucide-react';
import { Button } from 'react-aria-components';
import { tagChipClass, tagColours } from '@/components/tags/tag-colour';
import { useTagLabels } from '@/components/tags/use-tags';
import { isSamePart, type AudiencePart, type LostPart } from '@/lib/audience/schema';
import { PART_ICONS } from './part-icons';
import { useAudienceChoices } from './use-audience';

type Props = {
  slug: string;
  label: string;
  parts: readonly AudiencePart[];
  lost: readonly LostPart[];
  /** Hidden tags by name: of what is over, they are only named. */
  hidden?: readonly { id: number; name: string }[];
  /** Without it, they only show. */
  onRemove?: (part: AudiencePart) => void;
};

export function PartChips({ slug, label, parts, lost, hidden = [], onRemove }: Props) {
  const { labels } = useTagLabels(
    slug,
    parts.flatMap((part) => (part.kind === 'tag' ? [part.id] : [])),
  );
  const { data: choices } = useAudienceChoices(slug);
  return (
    <ul aria-label={label} className="flex flex-wrap items-center gap-x-1.5 gap-y-2">
      {parts.map((part, index) => {
        const problem = lost.find((one) => isSamePart(one.part, part));
        const tag = part.kind === 'tag' ? labels.get(part.id) : undefined;
        const other =
          part.kind === 'segment'
            ? choices?.segments.find(({ id }) => id === part.id)
            : choices?.messages.find(({ id }) => id === part.id);
        const formerly = part.kind === 'tag' ? hidden.find(({ id }) => id === part.id) : undefined;
        const name =
          (part.kind === 'tag' ? tag : other)?.name ??
          problem?.name ??
          (formerly && `${formerly.name} (hidden)`) ??
          (problem ? `Missing ${part.kind}` : '…');
        const Icon = problem ? TriangleAlert : PART_ICONS[part.kind];
        return (
          <li key={`${part.kind} ${part.id}`} className="flex max-w-full min-w-0 items-center gap-1.5">
            {index > 0 && <span className="text-muted text-[13px]">or</span>}
            <span
              {...tagColours(tag?.colour)}
              className={clsx(
                'inline-flex h-7 min-w-0 items-center gap-1 rounded-full pl-2.5 text-[13px] font-medium',
                onRemove ? 'pr-0.5' : 'pr-2.5',
                problem ? 'bg-danger-soft text-danger border border-current' : tagChipClass,
              )}
            >
              <Icon aria-hidden className="size-3.5 shrink-0" />
              <bdi className={clsx('max-w-64 truncate', problem && 'line-through')} title={name}>
                {name}
              </bdi>
              {problem && <span className="sr-only">cannot be used</span>}
              {onRemove && (
                <Button
                  aria-label={`Remove the ${part.kind} ${name}`}
                  onPress={() => onRemove(part)}
                  className="flex size-6 shrink-0 items-center justify-center rounded-full -outline-offset-2 outline-current hover:opacity-60"
                >
                  <X aria-hidden className="size-3.5" />
                </Button>
              )}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
