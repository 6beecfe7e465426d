// Which columns the list shows and in which order, as ids: what the column list does with them.

/** All columns as they are offered: those that are shown in their order, then the others in the usual one. */
export const offered = (all: readonly string[], shown: readonly string[]): string[] => [
  ...shown,
  ...all.filter((id) => !shown.includes(id)),
];

/** Shows a column, as the last one, or hides it. */
export const toggled = (shown: readonly string[], id: string, on: boolean): string[] => [
  ...shown.filter((one) => one !== id),
  ...(on ? [id] : []),
];

/** Moves a shown column one place up (-1) or down (1); at either end it stays. */
export function moved(shown: readonly string[], id: string, by: -1 | 1): string[] {
  const from = shown.indexOf(id);
  const to = Math.max(0, Math.min(shown.length - 1, from + by));
  const others = shown.filter((one) => one !== id);
  return [...others.slice(0, to), id, ...others.slice(to)];
}

export type Drop = { target: string; position: 'before' | 'after' };

/**
 * Moves a column to where it was dropped. A hidden one that is dropped among those that are shown is shown; a shown one
 * that is dropped among the hidden ones comes last.
 */
export function droppedAt(all: readonly string[], shown: readonly string[], id: string, drop: Drop): string[] {
  if (drop.target === id) return [...shown];
  const others = offered(all, shown).filter((one) => one !== id);
  const at = others.indexOf(drop.target) + (drop.position === 'after' ? 1 : 0);
  const left = shown.filter((one) => one !== id);
  const wasShown = left.length < shown.length;
  if (at > left.length && !wasShown) return left;
  const place = Math.min(at, left.length);
  return [...left.slice(0, place), id, ...left.slice(place)];
}
