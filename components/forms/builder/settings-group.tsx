// A group of settings in the builder.
import type { ReactNode } from 'react';
import { cardClass } from '@/components/ui/display';

export function SettingsGroup({
  id,
  title,
  hint,
  children,
}: {
  id: string;
  title: string;
  hint?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section aria-labelledby={id} className={`${cardClass} flex flex-col gap-4 p-4`}>
      <div>
        <h2 id={id} className="text-[15px] font-semibold">
          {title}
        </h2>
        {hint && <p className="text-muted text-[13px]">{hint}</p>}
      </div>
      {children}
    </section>
  );
}
