// What the document of a form refers to. Imports no server code, so that the builder can use it.
import type { AttributeId, TagId, TopicId } from '@/lib/db/ids';
import { elementsOf, type FormDocument } from './schema';

export type References = { tagIds: TagId[]; attributeIds: AttributeId[]; topicIds: TopicId[] };

/** Each once. */
export function referencesOf(document: FormDocument): References {
  const elements = elementsOf(document);
  const tagIds = [
    ...document.tags.apply,
    ...document.tags.remove,
    ...elements.flatMap((element) =>
      element.kind === 'input' ? [...element.tagIds, ...element.choices.flatMap((choice) => choice.tagIds)] : [],
    ),
  ];
  const attributeIds = elements.flatMap((element) =>
    (element.kind === 'input' || element.kind === 'hidden') && element.attributeId !== null
      ? [element.attributeId]
      : [],
  );
  const topicIds = elements.flatMap((element) =>
    element.kind === 'consent' || element.kind === 'terms' ? element.topics.map(({ topicId }) => topicId) : [],
  );
  return {
    tagIds: [...new Set(tagIds)],
    attributeIds: [...new Set(attributeIds)],
    topicIds: [...new Set(topicIds)],
  };
}
