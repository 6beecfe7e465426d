'use client';
// The number of profiles that match a condition or group.
import { useRef } from 'react';
import { useInView } from '@/components/ui/use-in-view';
import type { RuleNode } from '@/lib/segments/schema';
import { useBuilder } from './builder-context';
import { rulesFor, useCount } from './use-counts';

/** `node`: null while incomplete. `lost`: it refers to something hidden or deleted. */
export function LiveCount({ node, lost }: { node: RuleNode | null; lost: boolean }) {
  const { slug, timeZone } = useBuilder();
  const element = useRef<HTMLSpanElement>(null);
  const seen = useInView(element);
  const { data, isFetching, error } = useCount(slug, node && seen && !lost ? rulesFor(node, timeZone) : null);
  return (
    <span
      ref={element}
      className="text-muted min-w-14 shrink-0 text-right text-[13px] tabular-nums"
      title={error ? error.message : 'Profiles that match this condition alone'}
      data-testid="count"
    >
      {error ? (
        <span className="text-danger">not counted</span>
      ) : data ? (
        data.count.toLocaleString('en-GB')
      ) : isFetching ? (
        <>
          <span aria-hidden className="bg-line inline-block h-2 w-7 animate-pulse rounded-full" />
          <span className="sr-only">Counting</span>
        </>
      ) : (
        '–'
      )}
    </span>
  );
}
