'use client';
// The builder begins in the browser: what was begun and not saved is there, and so is the time zone.
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
  return <PageHeader title={props.saved ? `Edit “${props.saved.name}”` : 'New segment'}>Loading …</PageHeader>;
}
