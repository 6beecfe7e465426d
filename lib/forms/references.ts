// What the document of a form refers to. Imports no server code, so that the builder can use it.
import type { AttributeId, TagId, TopicId } from '@/lib/db/ids';
import { elementsOf, type Element, type FormDocument } from './schema';

export type References = { tagIds: TagId[]; attributeIds: AttributeId[]; topicIds: TopicId[] };

/** Each once. */
export function referencesOf(document: FormDocument): References {
  const parts = elementsOf(document).map(referencesOfElement);
  const tagIds = [...document.tags.apply, ...document.tags.remove, ...parts.flatMap((part) => part.tagIds)];
  return {
    tagIds: [...new Set(tagIds)],
    attributeIds: [...new Set(parts.flatMap((part) => part.attributeIds))],
    topicIds: [...new Set(parts.flatMap((part) => part.topicIds))],
  };
}

/** Of one element. */
export function referencesOfElement(element: Element): References {
  return {
    tagIds: element.kind === 'input' ? [...element.tagIds, ...element.choices.flatMap((choice) => choice.tagIds)] : [],
    attributeIds:
      (element.kind === 'input' || element.kind === 'hidden') && element.attributeId !== null
        ? [element.attributeId]
        : [],
    topicIds:
      element.kind === 'consent' || element.kind === 'terms' ? element.topics.map(({ topicId }) => topicId) : [],
  };
}
