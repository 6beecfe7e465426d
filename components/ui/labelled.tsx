import type { ReactNode } from 'react';

/** A visible label above something that has the same name for screen readers already. */
export function Labelled({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="flex flex-col gap-1">
      <span aria-hidden className="text-[13px] font-medium">
        {label}
      </span>
      {children}
    </div>
  );
}
