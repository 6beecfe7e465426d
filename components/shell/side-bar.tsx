'use client';
// The side bar: section, navigation, user. On a phone, a top bar with a drawer.
import clsx from 'clsx';
import {
  Activity,
  Check,
  ChevronsUpDown,
  ClipboardList,
  Filter,
  House,
  Keyboard,
  LogOut,
  Mail,
  Menu as MenuIcon,
  MonitorCog,
  Moon,
  Settings,
  Sun,
  Tags,
  Upload,
  Users,
  Workflow,
  X,
} from 'lucide-react';
import { Link } from '@/components/ui/link';
import { usePathname } from 'next/navigation';
import { signOut } from 'next-auth/react';
import { useState } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { IconButton } from '@/components/ui/button';
import { useHotkeys } from '@/components/ui/hotkeys';
import { Initials } from '@/components/ui/initials';
import { Menu } from '@/components/ui/menu';
import type { SubmitAction } from '@/components/ui/use-submission';
import type { SectionId } from '@/lib/db/ids';
import { RunningButton } from '@/components/operations/running-button';
import { MessageMark } from './message-mark';
import { Palette } from './palette/palette';
import { Mark } from './mark';
import { ShortcutsDialog } from './shortcuts-dialog';
import { chooseTheme, currentTheme } from './theme';
import { TroubleMark, troublesInWords, useTroubles } from './trouble-mark';

type SectionLink = { slug: string; name: string };
type SideBarProps = {
  section: SectionLink & { id: SectionId };
  sections: SectionLink[];
  person: { name: string; email: string; role: string; isAdmin: boolean };
  /** Stops an operation. */
  cancel: SubmitAction<unknown>;
};

const LINKS = [
  { path: '', label: 'Home', Icon: House },
  { path: 'profiles', label: 'Profiles', Icon: Users },
  { path: 'tags', label: 'Tags', Icon: Tags },
  { path: 'segments', label: 'Segments', Icon: Filter },
  { path: 'messages', label: 'Messages', Icon: Mail },
  { path: 'forms', label: 'Forms', Icon: ClipboardList },
  { path: 'flows', label: 'Flows', Icon: Workflow },
  { path: 'imports', label: 'Imports', Icon: Upload },
  { path: 'activity', label: 'Activity', Icon: Activity },
] as const;

export function SideBar({ section, sections, person, cancel }: SideBarProps) {
  const [open, setOpen] = useState(false);
  const [shortcuts, setShortcuts] = useState(false);
  useHotkeys({ '?': () => setShortcuts(true) });
  return (
    <header className="contents">
      <div className="bg-surface border-line flex items-center justify-between border-b px-3 py-2 md:hidden">
        <HomeLink slug={section.slug} />
        <div className="flex items-center">
          <RunningButton section={section} cancel={cancel} />
          <MessageMark slug={section.slug} />
          <TroubleMark slug={section.slug} />
          <IconButton label={open ? 'Close the menu' : 'Open the menu'} onPress={() => setOpen(!open)}>
            {open ? <X aria-hidden className="size-5" /> : <MenuIcon aria-hidden className="size-5" />}
          </IconButton>
        </div>
      </div>
      <div
        className={clsx(
          'bg-surface border-line shrink-0 flex-col gap-4 border-b p-3 md:sticky md:top-0 md:flex md:h-dvh md:w-56 md:border-r md:border-b-0',
          open ? 'flex' : 'hidden',
        )}
      >
        <div className="hidden px-1 pt-1 md:block">
          <HomeLink slug={section.slug} />
        </div>
        <SectionSwitcher section={section} sections={sections} />
        <Palette slug={section.slug} isAdmin={person.isAdmin} />
        <MainLinks slug={section.slug} onFollow={() => setOpen(false)} />
        <RunningButton section={section} cancel={cancel} className="hidden md:flex" />
        <PersonMenu slug={section.slug} person={person} onShortcuts={() => setShortcuts(true)} />
      </div>
      <ShortcutsDialog isOpen={shortcuts} onClose={() => setShortcuts(false)} />
    </header>
  );
}

const HomeLink = ({ slug }: { slug: string }) => (
  <Link href={`/${slug}`} aria-label="Tagwell: Home" className="rounded-md">
    <Mark />
  </Link>
);

function SectionSwitcher({ section, sections }: { section: SectionLink; sections: SectionLink[] }) {
  const entries = sections.map((item) => ({
    id: item.slug,
    text: item.name,
    href: `/${item.slug}`,
    label: (
      <>
        <span className="flex-1 truncate">{item.name}</span>
        {item.slug === section.slug && <Check aria-label="now" className="text-accent size-4" />}
      </>
    ),
  }));
  const trigger = (
    <AriaButton
      aria-label={`Section: ${section.name}`}
      className="border-line hover:bg-hover flex w-full items-center justify-between gap-2 rounded-md border px-2.5 py-1.5 text-left"
    >
      <span className="min-w-0">
        <span className="text-muted block text-xs">Section</span>
        <span className="block truncate font-medium">{section.name}</span>
      </span>
      <ChevronsUpDown aria-hidden className="text-muted size-4 shrink-0" />
    </AriaButton>
  );
  return <Menu label="Sections" trigger={trigger} entries={entries} />;
}

function MainLinks({ slug, onFollow }: { slug: string; onFollow: () => void }) {
  const pathname = usePathname();
  return (
    <nav aria-label="Main" className="flex flex-1 flex-col gap-0.5">
      {LINKS.map(({ path, label, Icon }) => {
        const href = path === '' ? `/${slug}` : `/${slug}/${path}`;
        const here = path === '' ? pathname === href : pathname.startsWith(href);
        return (
          <Link
            key={path}
            href={href}
            onClick={onFollow}
            {...(here && { 'aria-current': 'page' as const })}
            className={clsx(
              'flex items-center gap-2.5 rounded-md px-2.5 py-2',
              here ? 'bg-accent-soft text-accent-ink font-medium' : 'hover:bg-hover',
            )}
          >
            <Icon aria-hidden className="size-4" />
            {label}
            {path === 'messages' && <MessageMark slug={slug} />}
          </Link>
        );
      })}
    </nav>
  );
}

function PersonMenu({
  slug,
  person,
  onShortcuts,
}: {
  slug: string;
  person: SideBarProps['person'];
  onShortcuts: () => void;
}) {
  const troubles = useTroubles(slug);
  const entries = [
    {
      id: 'settings',
      text: 'Settings',
      href: `/${slug}/settings/account`,
      label: (
        <>
          <WithIcon Icon={Settings} text="Settings" />
          <TroubleMark slug={slug} />
        </>
      ),
    },
    {
      id: 'shortcuts',
      text: 'Keyboard shortcuts',
      onAction: onShortcuts,
      label: <WithIcon Icon={Keyboard} text="Keyboard shortcuts" />,
    },
    'line' as const,
    {
      id: 'light',
      text: 'Light',
      isCurrent: () => currentTheme() === 'light',
      onAction: () => chooseTheme('light'),
      label: <WithIcon Icon={Sun} text="Light" />,
    },
    {
      id: 'dark',
      text: 'Dark',
      isCurrent: () => currentTheme() === 'dark',
      onAction: () => chooseTheme('dark'),
      label: <WithIcon Icon={Moon} text="Dark" />,
    },
    {
      id: 'system',
      text: 'Use system setting',
      isCurrent: () => currentTheme() === 'system',
      onAction: () => chooseTheme('system'),
      label: <WithIcon Icon={MonitorCog} text="Use system setting" />,
    },
    'line' as const,
    {
      id: 'sign-out',
      text: 'Sign out',
      onAction: () => void signOut({ callbackUrl: '/sign-in' }),
      label: <WithIcon Icon={LogOut} text="Sign out" />,
    },
  ];
  const trigger = (
    <AriaButton
      aria-label={`${person.name}: user menu${troubles > 0 ? `, ${troublesInWords(troubles)}` : ''}`}
      className="hover:bg-hover flex w-full items-center gap-2.5 rounded-md px-2.5 py-2 text-left"
    >
      <Initials name={person.name} size="small" />
      <span className="min-w-0">
        <span className="block truncate font-medium">{person.name}</span>
        <span className="text-muted block truncate text-xs">{person.role}</span>
      </span>
      <TroubleMark slug={slug} />
    </AriaButton>
  );
  return <Menu label="User menu" trigger={trigger} entries={entries} />;
}

function WithIcon({ Icon, text }: { Icon: typeof Settings; text: string }) {
  return (
    <>
      <Icon aria-hidden className="text-muted size-4" />
      {text}
    </>
  );
}
