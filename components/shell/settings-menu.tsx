'use client';
// The left menu of Settings, limited to what the role allows. A direct link to a page for Admins shows whom to ask.
import clsx from 'clsx';
import { Link } from '@/components/ui/link';
import { usePathname } from 'next/navigation';
import { TroubleMark } from './trouble-mark';

const FOR_EVERYONE = [
  { path: 'account', href: 'account', label: 'My account' },
  { path: 'suppression', href: 'suppression', label: 'Suppression list' },
];
const FOR_ADMINS = [
  { path: 'data-model', href: 'data-model/tags', label: 'Data Model' },
  { path: 'users', href: 'users', label: 'Users' },
  { path: 'sections', href: 'sections', label: 'Sections' },
  { path: 'integrations', href: 'integrations', label: 'Integrations' },
  { path: 'sending', href: 'sending', label: 'Sending' },
  { path: 'messages-look', href: 'messages-look', label: 'Messages look' },
  { path: 'api-keys', href: 'api-keys', label: 'API keys' },
  { path: 'webhooks', href: 'webhooks', label: 'Webhooks' },
  { path: 'audit-log', href: 'audit-log', label: 'Audit log' },
];

export function SettingsMenu({ slug, isAdmin }: { slug: string; isAdmin: boolean }) {
  const pathname = usePathname();
  return (
    <nav aria-label="Settings" className="flex flex-wrap gap-x-1 lg:w-40 lg:shrink-0 lg:flex-col lg:gap-y-1">
      <p className="text-muted hidden px-2.5 pb-1 text-[13px] font-medium lg:block">Settings</p>
      {[...FOR_EVERYONE, ...(isAdmin ? FOR_ADMINS : [])].map(({ path, href, label }) => {
        const here = pathname.startsWith(`/${slug}/settings/${path}`);
        return (
          <Link
            key={path}
            href={`/${slug}/settings/${href}`}
            {...(here && { 'aria-current': 'page' as const })}
            className={clsx(
              'flex items-center gap-2 rounded-md px-2.5 py-1.5 whitespace-nowrap focus-visible:-outline-offset-2',
              here ? 'bg-accent-soft text-accent-ink font-medium' : 'hover:bg-hover',
            )}
          >
            {label}
            {path === 'integrations' && <TroubleMark slug={slug} />}
          </Link>
        );
      })}
    </nav>
  );
}
