'use client';
import clsx from 'clsx';
import { Link } from '@/components/ui/link';
import { usePathname } from 'next/navigation';

export function DataModelTabs({ slug }: { slug: string }) {
  const pathname = usePathname();
  return (
    <nav aria-label="Data Model" className="border-line mb-4 flex gap-4 border-b">
      {(['Tags', 'Attributes', 'Events', 'Topics'] as const).map((label) => {
        const href = `/${slug}/settings/data-model/${label.toLowerCase()}`;
        const here = pathname.startsWith(href);
        return (
          <Link
            key={label}
            href={href}
            {...(here && { 'aria-current': 'page' as const })}
            className={clsx(
              '-mb-px border-b-2 px-1 py-2 font-medium',
              here ? 'border-accent text-accent-ink' : 'text-muted hover:text-ink border-transparent',
            )}
          >
            {label}
          </Link>
        );
      })}
    </nav>
  );
}
