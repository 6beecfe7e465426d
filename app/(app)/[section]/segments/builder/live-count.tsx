'use client';
// How many profiles a condition or group has, beside it.
import { useRef } from 'react';
import { useSeen } from '@/components/ui/use-seen';
import type { RuleNode } from '@/lib/segments/schema';
import { useBuilder } from './builder-context';
import { rulesFor, useCount } from './use-counts';

/** `node`: null while it is not complete. `lost`: it cannot be asked about. */
export function LiveCount({ node, lost }: { node: RuleNode | null; lost: boolean }) {
  const { slug, timeZone } = useBuilder();
  const element = useRef<HTMLSpanElement>(null);
  const seen = useSeen(element);
  const { data, isFetching, error } = useCount(slug, node && seen && !lost ? rulesFor(node, timeZone) : null);
  return (
    <span
      ref={element}
      className="text-muted min-w-14 shrink-0 text-right text-[13px] tabular-nums"
      title={error ? error.message : 'Profiles for whom this holds by itself'}
      data-testid="count"
    >
      {error ? (
        <span className="text-danger">not counted</span>
      ) : data ? (
        data.count.toLocaleString('en-GB')
      ) : isFetching ? (
        '…'
      ) : (
        '–'
      )}
    </span>
  );
}
