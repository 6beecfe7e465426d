'use client';
// The left menu of Settings. Pages for Admins say so themselves, with whom to ask.
import clsx from 'clsx';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useEffect, useRef } from 'react';

const LINKS = [
  { path: 'account', href: 'account', label: 'My account' },
  { path: 'data-model', href: 'data-model/tags', label: 'Data Model' },
  { path: 'users', href: 'users', label: 'Users' },
  { path: 'sections', href: 'sections', label: 'Sections' },
  { path: 'api-keys', href: 'api-keys', label: 'API keys' },
  { path: 'webhooks', href: 'webhooks', label: 'Webhooks' },
  { path: 'audit-log', href: 'audit-log', label: 'Audit log' },
] as const;

export function SettingsMenu({ slug }: { slug: string }) {
  const pathname = usePathname();
  const current = useRef<HTMLAnchorElement>(null);
  // On a phone the menu scrolls horizontally: the current entry must be visible.
  useEffect(() => {
    void current.current?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [pathname]);
  return (
    <nav aria-label="Settings" className="flex gap-1 overflow-x-auto lg:w-40 lg:shrink-0 lg:flex-col">
      <p className="text-muted hidden px-2.5 pb-1 text-[13px] font-medium lg:block">Settings</p>
      {LINKS.map(({ path, href, label }) => {
        const here = pathname.startsWith(`/${slug}/settings/${path}`);
        return (
          <Link
            key={path}
            href={`/${slug}/settings/${href}`}
            {...(here && { 'aria-current': 'page' as const, ref: current })}
            className={clsx(
              'rounded-md px-2.5 py-1.5 whitespace-nowrap',
              here ? 'bg-accent-soft text-accent-ink font-medium' : 'hover:bg-hover',
            )}
          >
            {label}
          </Link>
        );
      })}
    </nav>
  );
}
