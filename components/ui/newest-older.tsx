import { ButtonLink } from './button';

type Props = {
  /** Null on the first page. */
  newest: string | null;
  /** Null on the last one. */
  older: string | null;
  /** What they are called in a list that has another order. */
  words?: readonly [first: string, next: string];
};

/** The way through a list that is read in pages, newest first, by links. */
export function NewestOlder({ newest, older, words: [first, next] = ['Newest', 'Older'] }: Props) {
  if (newest === null && older === null) return null;
  return (
    <nav aria-label="Pages" className="mt-3 flex justify-end gap-2">
      {newest !== null && (
        <ButtonLink size="small" href={newest}>
          {first}
        </ButtonLink>
      )}
      {older !== null && (
        <ButtonLink size="small" href={older}>
          {next}
        </ButtonLink>
      )}
    </nav>
  );
}
