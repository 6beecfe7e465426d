'use client';
import { Button } from './button';

/**
 * Navigation through a keyset-paged list, newest first. `newer` and `older`: keys of the adjacent pages; null if there is none.
 * Renders nothing if there is only one page.
 */
export function NewerOlder<Key>({
  newer,
  older,
  className,
  onGo,
}: {
  newer: Key | null;
  older: Key | null;
  className: string;
  onGo: (page: { before: Key | null; after: Key | null }) => void;
}) {
  if (newer === null && older === null) return null;
  return (
    <nav aria-label="Pages" className={`flex justify-end gap-2 ${className}`}>
      <Button size="small" isDisabled={newer === null} onPress={() => onGo({ before: null, after: newer })}>
        Newer
      </Button>
      <Button size="small" isDisabled={older === null} onPress={() => onGo({ before: older, after: null })}>
        Older
      </Button>
    </nav>
  );
}
