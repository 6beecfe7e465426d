// Questions to the database that are asked for many at once: those who ask while a statement is on its way share the next one.
import type { SectionId } from '@/lib/db/ids';

type Asked<Question, Answer> = {
  question: Question;
  found: (answer: Answer) => void;
  failed: (error: unknown) => void;
};

/** Asks a question of a section. `look`: answers all that have come in a moment, by one statement. */
export function askedTogether<Question, Answer>(
  look: (sectionId: SectionId, questions: readonly Question[]) => Promise<(question: Question) => Answer>,
): (sectionId: SectionId, question: Question) => Promise<Answer> {
  const waiting = new Map<SectionId, Asked<Question, Answer>[]>();
  async function answer(sectionId: SectionId): Promise<void> {
    const all = waiting.get(sectionId) ?? [];
    waiting.delete(sectionId);
    try {
      const of = await look(
        sectionId,
        all.map(({ question }) => question),
      );
      for (const { question, found } of all) found(of(question));
    } catch (error) {
      for (const { failed } of all) failed(error);
    }
  }
  return (sectionId, question) =>
    new Promise((found, failed) => {
      const others = waiting.get(sectionId);
      others?.push({ question, found, failed });
      if (others) return;
      waiting.set(sectionId, [{ question, found, failed }]);
      setTimeout(() => void answer(sectionId), 1);
    });
}
