// The product's mark and name.
import { Tag } from 'lucide-react';

export function Mark() {
  return (
    <span className="inline-flex items-center gap-2 text-base font-semibold">
      <span className="bg-accent text-on-accent flex size-7 items-center justify-center rounded-lg">
        <Tag aria-hidden className="size-4" />
      </span>
      Tagwell
    </span>
  );
}
