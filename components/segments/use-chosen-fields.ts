'use client';
// What is read once a form or a message is chosen in a draft: the questions of the form, as fields of the event 'Form: submitted', and the links of the message.
import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import { getJson } from '@/components/ui/json';
import type { FormId, MessageId } from '@/lib/db/ids';
import { FORM_FIELD } from '@/lib/events/form-field';
import type { AnswerField } from '@/lib/events/form-answers';
import { chosenMessage, LINK_FIELD } from '@/lib/events/message-field';
import type { LinkOption } from '@/lib/segments/message-links';
import type { Vocabulary } from '@/lib/segments/vocabulary';
import type { DraftField, DraftNode } from './draft';

/** The form that an event is about; null if it is none, or any. */
export function chosenForm({ fields }: { fields: readonly DraftField[] }): FormId | null {
  const chosen = fields.find(({ code, compare }) => code === FORM_FIELD && compare.test === 'is');
  return chosen && /^\d+$/.test(chosen.compare.text) ? (Number(chosen.compare.text) as FormId) : null;
}

const formsIn = (node: DraftNode): FormId[] => {
  if (node.kind === 'group') return node.items.flatMap(formsIn);
  const form = node.kind === 'event' ? chosenForm(node) : null;
  return form === null ? [] : [form];
};

/** The messages of which a draft asks for links. */
const messagesIn = (node: DraftNode): MessageId[] => {
  if (node.kind === 'group') return node.items.flatMap(messagesIn);
  if (node.kind !== 'event' || !node.fields.some(({ code }) => code === LINK_FIELD)) return [];
  return [chosenMessage(node.fields)].filter((id) => id !== null);
};

/** The vocabulary with what the forms and messages have that a draft chooses, once it is loaded. */
export function useChosenFields(slug: string, given: Vocabulary, root: DraftNode): Vocabulary {
  return useLinks(slug, useAnswerFields(slug, given, root), root);
}

function useLinks(slug: string, vocabulary: Vocabulary, root: DraftNode): Vocabulary {
  const messages = [...new Set(messagesIn(root))];
  const links = useQueries({
    queries: messages.map((message) => ({
      queryKey: ['link-options', slug, message],
      queryFn: () => getJson<LinkOption[]>(`/data/${slug}/messages/${message}/links`),
    })),
    combine: allLinksOf,
  });
  return useMemo(() => {
    if (links.length === 0) return vocabulary;
    const events = vocabulary.events.map((event) => {
      const fields = event.fields.map((field) => {
        if (field.code !== LINK_FIELD || !field.options) return field;
        const all = new Map([...field.options, ...links].map((option) => [`${option.of} ${option.value}`, option]));
        return { ...field, options: [...all.values()] };
      });
      return { ...event, fields };
    });
    return { ...vocabulary, events };
  }, [vocabulary, links]);
}

function useAnswerFields(slug: string, vocabulary: Vocabulary, root: DraftNode): Vocabulary {
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

const allLinksOf = (results: readonly { data?: LinkOption[] }[]): LinkOption[] =>
  results.flatMap(({ data = [] }) => data);
const allOf = (results: readonly { data?: AnswerField[] }[]): AnswerField[] => results.flatMap(({ data = [] }) => data);
