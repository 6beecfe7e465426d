'use client';
// The names for sentences and labels, with the section's current tags.
import { useMemo } from 'react';
import { namesIn, type Names } from '@/lib/segments/words';
import { useBuilder } from './builder-context';

export function useNames(): Names {
  const { vocabulary, tag } = useBuilder();
  return useMemo(() => ({ ...namesIn(vocabulary), tag: (id) => tag(id)?.name ?? '…' }), [vocabulary, tag]);
}
