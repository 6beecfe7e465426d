'use client';
import type { ReactElement } from 'react';
import { Tooltip, TooltipTrigger } from 'react-aria-components';

/** What a button without words does. */
export function Tip({ label, children }: { label: string; children: ReactElement }) {
  return (
    <TooltipTrigger delay={500}>
      {children}
      <Tooltip offset={6} className="bg-ink text-ground rounded px-2 py-1 text-xs">
        {label}
      </Tooltip>
    </TooltipTrigger>
  );
}
