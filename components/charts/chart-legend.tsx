import type { ReactNode } from 'react';

/** What the colours of a chart stand for. `colours` begin again if there are more names. */
export function ChartLegend({
  names,
  colours,
  children,
}: {
  names: readonly string[];
  colours: readonly string[];
  children?: ReactNode;
}) {
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 text-[13px]">
      {names.map((name, index) => (
        <li key={name} className="flex items-center gap-1.5">
          <span aria-hidden className="size-2.5 rounded-sm" style={{ background: colours[index % colours.length] }} />
          {name}
        </li>
      ))}
      {children}
    </ul>
  );
}
