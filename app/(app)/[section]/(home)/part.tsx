// A part of Home: it streams in by itself, and one that cannot be read says so in its place.
import { Suspense, type ReactNode } from 'react';
import { cardClass } from '@/components/ui/display';
import { Title } from '@/components/ui/figures';
import { Link } from '@/components/ui/link';
import type { UserActor } from '@/lib/access/actor';
import type { Result } from '@/lib/access/refusal';
import type { SectionId } from '@/lib/db/ids';
import { ReadAgain } from './read-again';

/** Whose Home it is, and of which section. */
export type Of = { actor: UserActor; section: { id: SectionId; slug: string } };

/** The value of a read; null if it failed. What went wrong has been logged by then. */
export const valueOrNull = <Value,>(asked: Promise<Result<Value>>): Promise<Value | null> =>
  asked.then(
    (result) => (result.ok ? result.value : null),
    () => null,
  );

type PartProps<Value> = {
  title: string;
  /** 'All imports', and where they are. */
  all?: { label: string; href: string };
  read: Promise<Value | null>;
  /** Room that is kept while it loads, so that nothing moves. */
  minHeight?: string;
  children: (value: Value) => ReactNode;
};

/** A card with a title, filled once it has been read. */
export function Part<Value>({ title, all, read, minHeight = 'min-h-44', children }: PartProps<Value>) {
  const id = `part-${title.toLowerCase().replaceAll(' ', '-')}`;
  return (
    <section aria-labelledby={id} className={`${cardClass} ${minHeight} flex min-w-0 flex-col`}>
      <div className="border-line flex items-center justify-between gap-3 border-b pr-4">
        <div className="min-w-0 [&>h2]:border-0">
          <Title id={id}>{title}</Title>
        </div>
        {all && (
          <Link href={all.href} className="text-accent shrink-0 text-[13px] hover:underline">
            {all.label}
          </Link>
        )}
      </div>
      <Suspense fallback={<p className="text-muted p-4">Loading …</p>}>
        <Filled read={read}>{children}</Filled>
      </Suspense>
    </section>
  );
}

async function Filled<Value>({ read, children }: Pick<PartProps<Value>, 'read' | 'children'>) {
  const value = await read;
  return value === null ? <ReadAgain /> : children(value);
}

/** What a card says if there is nothing to list. */
export const Nothing = ({ children }: { children: ReactNode }) => <div className="text-muted p-4">{children}</div>;

/** The lines of a card. */
export const Lines = ({ children }: { children: ReactNode }) => <ul className="divide-line divide-y">{children}</ul>;

type LineProps = {
  name: ReactNode;
  href: string;
  /** Beside the name: a status. */
  status?: ReactNode;
  /** Below the name. */
  more?: ReactNode;
  /** At the right. */
  value?: ReactNode;
};

export function Line({ name, href, status, more, value }: LineProps) {
  return (
    <li className="flex items-center gap-3 px-4 py-2.5">
      <div className="min-w-0 flex-1">
        <div className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1">
          <Link href={href} className="min-w-0 truncate font-medium hover:underline">
            {name}
          </Link>
          {status}
        </div>
        {more && <div className="text-muted text-[13px]">{more}</div>}
      </div>
      {value !== undefined && <div className="shrink-0 text-right tabular-nums">{value}</div>}
    </li>
  );
}
