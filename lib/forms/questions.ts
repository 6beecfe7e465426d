// The questions of all versions of a form, each once: the columns of its submissions. Imports no server code.
import { elementsOf, isAsking, type Asking, type FormDocument } from './schema';

/** `label`: as it was asked last. `inVersion`: how each version asked it. */
export type Question = { id: string; label: string; inVersion: ReadonlyMap<number, Asking> };

/** In the order of the newest version; what only earlier ones asked comes last. `versions`: the newest first. */
export function questionsOf(versions: readonly { version: number; document: FormDocument }[]): Question[] {
  const found = new Map<string, { id: string; label: string; inVersion: Map<number, Asking> }>();
  for (const { version, document } of versions) {
    for (const element of elementsOf(document).filter(isAsking)) {
      const label = element.kind === 'hidden' ? element.parameter : element.label;
      const question = found.get(element.id) ?? { id: element.id, label, inVersion: new Map<number, Asking>() };
      question.inVersion.set(version, element);
      found.set(element.id, question);
    }
  }
  return [...found.values()];
}
