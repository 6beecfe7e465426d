// Copied steps, for other flows of the section too: also in another tab. Other sections have other tags and messages.
import { z } from 'zod';
import type { SectionId } from '@/lib/db/ids';
import { StepsSchema, type Step } from '@/lib/flows/schema';

const keyOf = (sectionId: SectionId) => `tagwell:steps:${sectionId}`;
const CopiedSchema = z.object({ steps: StepsSchema });

/** False: the browser keeps nothing. */
export function keepCopied(sectionId: SectionId, steps: readonly Step[]): boolean {
  try {
    localStorage.setItem(keyOf(sectionId), JSON.stringify({ steps }));
    return true;
  } catch {
    return false;
  }
}

/** An empty list: nothing has been copied. */
export function readCopied(sectionId: SectionId): Step[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(sectionId)) ?? 'null');
    return CopiedSchema.safeParse(kept).data?.steps ?? [];
  } catch {
    return [];
  }
}
