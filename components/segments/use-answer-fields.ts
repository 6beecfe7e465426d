'use client';
// The questions of the forms that are chosen in a draft, as fields of the event 'Form: submitted'.
import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import { getJson } from '@/components/ui/json';
import type { FormId } from '@/lib/db/ids';
import { FORM_FIELD } from '@/lib/events/form-field';
import type { AnswerField } from '@/lib/events/form-answers';
import type { Vocabulary } from '@/lib/segments/vocabulary';
import type { DraftEvent, DraftNode } from './draft';

/** The form that an event is about; null if it is none, or any. */
export function chosenForm({ fields }: Pick<DraftEvent, 'fields'>): FormId | null {
  const chosen = fields.find(({ code, compare }) => code === FORM_FIELD && compare.test === 'is');
  return chosen && /^\d+$/.test(chosen.compare.text) ? (Number(chosen.compare.text) as FormId) : null;
}

const formsIn = (node: DraftNode): FormId[] => {
  if (node.kind === 'group') return node.items.flatMap(formsIn);
  const form = node.kind === 'event' ? chosenForm(node) : null;
  return form === null ? [] : [form];
};

/** The vocabulary with the questions of the forms that a draft chooses, once they are loaded. */
export function useAnswerFields(slug: string, vocabulary: Vocabulary, root: DraftNode): Vocabulary {
  const forms = [...new Set(formsIn(root))];
  const answers = useQueries({
    queries: forms.map((form) => ({
      queryKey: ['answer-fields', slug, form],
      queryFn: () => getJson<AnswerField[]>(`/data/${slug}/forms/${form}/questions`),
    })),
    combine: allOf,
  });
  return useMemo(() => {
    if (answers.length === 0) return vocabulary;
    const events = vocabulary.events.map((event) => {
      if (!event.fields.some(({ code }) => code === FORM_FIELD)) return event;
      const fields = new Map([...event.fields, ...answers].map((field) => [field.code, field]));
      return { ...event, fields: [...fields.values()] };
    });
    return { ...vocabulary, events };
  }, [vocabulary, answers]);
}

const allOf = (results: readonly { data?: AnswerField[] }[]): AnswerField[] => results.flatMap(({ data = [] }) => data);
