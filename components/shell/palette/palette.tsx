'use client';
// The command palette, at Ctrl+K or Cmd+K: goes to people, tags and all else by name, to pages, and begins something new.
import { useQuery } from '@tanstack/react-query';
import {
  ArrowRight,
  ClipboardList,
  Clock,
  Filter,
  Mail,
  Plug,
  Plus,
  Search,
  Tag,
  Upload,
  User,
  Workflow,
  type LucideIcon,
} from 'lucide-react';
import { usePathname, useRouter } from 'next/navigation';
import { useEffect, useState } from 'react';
import { Button } from 'react-aria-components';
import { Dialog } from '@/components/ui/dialog';
import { Kbd } from '@/components/ui/display';
import { FindList } from '@/components/ui/find-list';
import { getJson } from '@/components/ui/json';
import { useDebounced } from '@/components/ui/use-debounced';
import type { FoundProfile } from '@/components/profiles/profile-finder';
import type { Found, FoundKind } from '@/lib/home/find';
import { ACTIONS, matchingPlaces, PAGES, type Place } from './places';
import { noteRecent, readRecent } from './recent';
import { useGoKeys } from './use-go-keys';

/** Longer text finds nothing. */
const TEXT_MAX = 200;
/** The title of a page comes a moment after its address. */
const TITLED_MS = 1_500;

type Entry = { key: string; path: string; name: string; about: string; Icon: LucideIcon };
type Props = { slug: string; isAdmin: boolean };

const KINDS: Record<FoundKind, { about: string; Icon: LucideIcon }> = {
  tag: { about: 'Tag', Icon: Tag },
  segment: { about: 'Segment', Icon: Filter },
  message: { about: 'Message', Icon: Mail },
  form: { about: 'Form', Icon: ClipboardList },
  flow: { about: 'Flow', Icon: Workflow },
  import: { about: 'Import', Icon: Upload },
  connection: { about: 'Integration', Icon: Plug },
};

/** The button that opens it. It also notes which pages were looked at, and listens to the keys of `g`. */
export function Palette({ slug, isAdmin }: Props) {
  const [open, setOpen] = useState(false);
  useGoKeys(slug);
  useNotedPages(slug);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== 'k')
        return;
      // Over another dialog it would take the person away from what they are doing there.
      if (document.querySelector('[role="dialog"], [role="alertdialog"]')) return;
      event.preventDefault();
      setOpen(true);
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
  return (
    <>
      <Button
        onPress={() => setOpen(true)}
        className="border-line text-muted hover:bg-hover flex items-center gap-2 rounded-md border px-2.5 py-1.5 text-left"
      >
        <Search aria-hidden className="size-4 shrink-0" />
        <span className="flex-1">Go to…</span>
        <Kbd>Ctrl K</Kbd>
      </Button>
      <Dialog title="Go to" isOpen={open} onClose={() => setOpen(false)} unsaved={false}>
        <Found slug={slug} isAdmin={isAdmin} onClose={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function Found({ slug, isAdmin, onClose }: Props & { onClose: () => void }) {
  const router = useRouter();
  const [text, setText] = useState('');
  const typed = text.trim().slice(0, TEXT_MAX);
  const wanted = useDebounced(typed);
  const search = `?q=${encodeURIComponent(wanted)}`;
  const things = useQuery({
    queryKey: ['palette', slug, wanted],
    queryFn: ({ signal }) => getJson<Found[]>(`/data/${slug}/find${search}`, signal),
    enabled: wanted !== '',
  });
  const people = useQuery({
    queryKey: ['find-profiles', slug, wanted],
    queryFn: ({ signal }) => getJson<FoundProfile[]>(`/data/${slug}/profiles/find${search}`, signal),
    enabled: wanted !== '',
  });
  const isCurrent = typed === wanted;
  const entries =
    typed === ''
      ? [...recentEntries(slug), ...placeEntries(ACTIONS, 'Action', Plus), ...pageEntries(isAdmin, '')]
      : [
          ...pageEntries(isAdmin, typed),
          ...placeEntries(matchingPlaces(ACTIONS, typed), 'Action', Plus),
          ...(isCurrent ? (things.data ?? []).map(thingEntry) : []),
          ...(isCurrent ? (people.data ?? []).map(personEntry) : []),
        ];
  const isSearching = typed !== '' && (!isCurrent || things.isLoading || people.isLoading);
  const failed = isCurrent ? (things.error ?? people.error) : null;

  return (
    <FindList
      label="Go to"
      placeholder="A person, tag, segment, page or action"
      text={text}
      onText={setText}
      entries={entries}
      entryKey={({ key }) => key}
      show={({ name, about, Icon }) => (
        <>
          <Icon aria-hidden className="text-muted size-4 shrink-0" />
          <span className="min-w-0 flex-1 truncate">
            <bdi>{name}</bdi>
          </span>
          <span className="text-muted max-w-40 shrink-0 truncate text-xs">{about}</span>
        </>
      )}
      onChoose={({ path }) => {
        onClose();
        router.push(`/${slug}${path}`);
      }}
      isWaiting={isSearching && entries.length === 0}
      autoFocus
      status={
        failed
          ? failed.message
          : isSearching
            ? 'Searching…'
            : entries.length === 0
              ? 'Nothing is called like that here.'
              : undefined
      }
    />
  );
}

const recentEntries = (slug: string): Entry[] =>
  readRecent(slug).map(({ path, name }) => ({
    key: `recent ${path}`,
    path,
    name,
    about: 'Looked at lately',
    Icon: Clock,
  }));

const pageEntries = (isAdmin: boolean, text: string): Entry[] =>
  placeEntries(
    matchingPlaces(PAGES, text).filter(({ admins }) => isAdmin || !admins),
    'Page',
    ArrowRight,
  );

const placeEntries = (places: readonly Place[], about: string, Icon: LucideIcon): Entry[] =>
  places.map(({ label, path, key }) => ({
    key: `${about} ${path}`,
    path,
    name: label,
    about: key === undefined ? about : `${about} · g ${key}`,
    Icon,
  }));

const thingEntry = ({ kind, id, name, path }: Found): Entry => ({ key: `${kind} ${id}`, path, name, ...KINDS[kind] });

const personEntry = ({ id, name, key }: FoundProfile): Entry => ({
  key: `person ${id}`,
  path: `/profiles/${id}`,
  name,
  about: key ?? 'Person',
  Icon: User,
});

function useNotedPages(slug: string): void {
  const pathname = usePathname();
  useEffect(() => {
    const timer = setTimeout(() => noteRecent(slug, pathname.slice(slug.length + 1), document.title), TITLED_MS);
    return () => clearTimeout(timer);
  }, [slug, pathname]);
}
