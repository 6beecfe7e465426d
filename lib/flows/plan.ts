// A flow as a run goes through it: what comes after each step. Pure; made of the tree, which is what is stored.
import { listsIn, type FlowDocument, type Step } from './schema';

/** A step, and the one after it on the same way; null: the end. */
export type Place = { step: Step; next: string | null };

export class Plan {
  readonly #places = new Map<string, Place>();
  readonly first: string | null;

  constructor(readonly document: FlowDocument) {
    this.first = this.#walk(document.steps, null);
  }

  /** Undefined: there is no such step. */
  at(id: string): Place | undefined {
    return this.#places.get(id);
  }

  /** Where a way of a block leads; `null`: the one for whoever takes no other. An empty way leads to what is after the block. */
  into({ step, next }: Place, wayId: string | null): string | null {
    const lists = listsIn(step);
    const index = 'ways' in step && wayId !== null ? step.ways.findIndex(({ id }) => id === wayId) : lists.length - 1;
    return lists[index]?.[0]?.id ?? next;
  }

  #walk(steps: readonly Step[], after: string | null): string | null {
    steps.forEach((step, index) => {
      const next = steps[index + 1]?.id ?? after;
      this.#places.set(step.id, { step, next });
      for (const list of listsIn(step)) this.#walk(list, next);
    });
    return steps[0]?.id ?? after;
  }
}
