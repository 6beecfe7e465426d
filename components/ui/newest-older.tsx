import { ButtonLink } from './button';

/** The way through a list that is read in pages, newest first, by links. `newest`: null on the first page. `older`: null on the last one. */
export function NewestOlder({ newest, older }: { newest: string | null; older: string | null }) {
  if (newest === null && older === null) return null;
  return (
    <nav aria-label="Pages" className="mt-3 flex justify-end gap-2">
      {newest !== null && (
        <ButtonLink size="small" href={newest}>
          Newest
        </ButtonLink>
      )}
      {older !== null && (
        <ButtonLink size="small" href={older}>
          Older
        </ButtonLink>
      )}
    </nav>
  );
}
