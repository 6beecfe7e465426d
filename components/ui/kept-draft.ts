// What somebody writes and could not save is kept in the browser, so that a reload or a closed tab loses nothing.
import { z } from 'zod';

/** `seen`: the last change that it is based on. */
export type Kept<Draft> = { seen: string; draft: Draft };

const keyOf = (name: string) => `tagwell:${name}`;

/** The draft that this browser could not save; null if there is none, or it can no longer be read. */
export function readKept<Draft>(name: string, schema: z.ZodType<Draft>): Kept<Draft> | null {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(name)) ?? 'null');
    return z.object({ seen: z.string(), draft: schema }).safeParse(kept).data ?? null;
  } catch {
    return null;
  }
}

/** Null: there is nothing to keep. */
export function keep<Draft>(name: string, kept: Kept<Draft> | null): void {
  try {
    if (kept === null) localStorage.removeItem(keyOf(name));
    else localStorage.setItem(keyOf(name), JSON.stringify(kept));
  } catch {
    // The storage quota is used up: only a reload would lose it.
  }
}
