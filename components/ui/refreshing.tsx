'use client';
// Previous content while newer content loads: still readable, under a progress bar.
import clsx from 'clsx';
import type { ReactNode } from 'react';

export function Refreshing({ when, className, children }: { when: boolean; className?: string; children: ReactNode }) {
  return (
    <div aria-busy={when} className={clsx('relative', className)}>
      {when && <div aria-hidden className="bg-accent absolute inset-x-0 top-0 z-10 h-0.5 animate-pulse" />}
      {children}
    </div>
  );
}
