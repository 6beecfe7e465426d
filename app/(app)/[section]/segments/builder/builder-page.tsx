'use client';
// The builder renders in the browser only, which has the unsaved draft and the time zone.
import { useSyncExternalStore } from 'react';
import { PageHeader } from '@/components/ui/display';
import { SegmentBuilder, type BuilderProps } from './segment-builder';

const never = () => () => undefined;

export function BuilderPage(props: BuilderProps) {
  const inBrowser = useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
  if (inBrowser) return <SegmentBuilder {...props} />;
  return <PageHeader title={props.saved ? `Edit “${props.saved.name}”` : 'New segment'}>Loading…</PageHeader>;
}
