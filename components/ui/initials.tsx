// The initials of somebody's name in a circle, beside the name itself.
import clsx from 'clsx';
import { initialsOf } from '@/lib/text/initials';

export function Initials({ name, size }: { name: string; size: 'small' | 'large' }) {
  return (
    <span
      aria-hidden
      className={clsx(
        'bg-accent-soft text-accent-ink flex shrink-0 items-center justify-center rounded-full font-semibold',
        size === 'large' ? 'size-11' : 'size-8 text-xs',
      )}
    >
      {initialsOf(name)}
    </span>
  );
}
