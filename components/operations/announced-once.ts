// What this browser has announced, so that each thing is announced once. A browser that keeps nothing announces again after a reload.

/** Those of `keys` that were not announced before under `place`. From now on exactly `keys` count as announced: what is over is forgotten. */
export function notAnnouncedYet(place: string, keys: readonly string[]): Set<string> {
  const known = announced(place);
  remember(place, keys);
  return new Set(keys.filter((key) => !known.includes(key)));
}

function announced(place: string): string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(place) ?? '[]');
    return Array.isArray(stored) ? stored.map(String) : [];
  } catch {
    return [];
  }
}

function remember(place: string, keys: readonly string[]): void {
  try {
    localStorage.setItem(place, JSON.stringify(keys));
  } catch {
    // Storage is full or switched off.
  }
}
