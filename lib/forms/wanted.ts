// What a submission asks for: values, further keys, tags and consents of the person. Without any look at the database.
import type { Attribute, AttributeValue } from '@/lib/attributes/schema';
import { parseAttributeValue } from '@/lib/attributes/values';
import type { Channel } from '@/lib/consents/schema';
import type { AttributeId, TagId, TopicId } from '@/lib/db/ids';
import { KEY_ATTRIBUTES, normaliseKey, type EnteredKind } from '@/lib/profiles/keys';
import { NO, shownIds, YES, type Entered } from './shown';
import { elementsOf, type Answer, type Answers, type Element, type FormDocument } from './schema';

/** `keys`: besides the one by which the person is found. `ends`: consents that were left out. `left`: answers that could not become values, in words. */
export type WantedOfSubmission = {
  values: Map<string, AttributeValue>;
  keys: Map<EnteredKind, string>;
  apply: TagId[];
  remove: TagId[];
  consents: WantedConsent[];
  ends: WantedConsent[];
  left: string[];
};

type WantedConsent = { topicId: TopicId; channel: Channel; wording: string };

const KEY_KINDS: readonly EnteredKind[] = ['email', 'mobile', 'crm_id'];

/**
 * Reads what a submission asks for. `attributes`: the section's visible ones, by id. `shown`: what the person saw, if a later version applies it: nobody
 * agrees to what is written afterwards.
 */
export function wantedOf(
  document: FormDocument,
  answers: Answers,
  attributes: ReadonlyMap<AttributeId, Attribute>,
  shown: FormDocument = document,
): WantedOfSubmission {
  const wanted: WantedOfSubmission = {
    values: new Map(),
    keys: new Map(),
    apply: [...document.tags.apply],
    remove: [...document.tags.remove],
    consents: [],
    ends: [],
    left: [],
  };
  for (const element of elementsOf(document)) {
    const answer = answers[element.id];
    if (answer === undefined) continue;
    takeTags(wanted, element, answer);
    takeValue(wanted, document, element, answer, attributes);
  }
  takeConsents(wanted, shown, document, answers);
  // Nobody has left out what a later version asks.
  if (document.replaces && shown === document) takeLeftOut(wanted, document, answers);
  // A tag that one answer gives and another one, or the form, takes away stays off.
  const removed = new Set(wanted.remove);
  return {
    ...wanted,
    apply: [...new Set(wanted.apply)].filter((id) => !removed.has(id)),
    remove: [...removed],
    consents: [...new Map(wanted.consents.map((each) => [nameOf(each), each])).values()],
  };
}

/** Those that were shown, without what the form no longer asks for. */
function takeConsents(wanted: WantedOfSubmission, shown: FormDocument, document: FormDocument, answers: Answers): void {
  const asked = new Set(elementsOf(document).flatMap(topicsOf).map(nameOf));
  const given = elementsOf(shown).flatMap((element) => {
    if ((element.kind !== 'consent' && element.kind !== 'terms') || answers[element.id] !== true) return [];
    const wording = [element.label, element.link && `${element.link.label}: ${element.link.address}`]
      .filter(Boolean)
      .join('\n');
    return element.topics.map((topic) => ({ ...topic, wording }));
  });
  wanted.consents.push(...given.filter((consent) => asked.has(nameOf(consent))));
  if (wanted.consents.length < given.length)
    wanted.left.push('A consent is for a topic that the form no longer asks for, so it was not recorded');
}

/** What was shown and not chosen. A topic or a tag that something else was chosen for stays. */
function takeLeftOut(wanted: WantedOfSubmission, document: FormDocument, answers: Answers): void {
  const shown = shownIds(document, enteredAs(answers));
  const kept = { topics: new Set(wanted.consents.map(nameOf)), tags: new Set(wanted.apply) };
  for (const element of elementsOf(document)) {
    if (!shown.has(element.id)) continue;
    const answer = answers[element.id];
    if (element.kind === 'consent' && answer !== true) {
      const wording = `Left out: ${element.label}`;
      wanted.ends.push(
        ...element.topics.filter((topic) => !kept.topics.has(nameOf(topic))).map((topic) => ({ ...topic, wording })),
      );
    }
    if (element.kind !== 'input') continue;
    const chosen = [answer ?? []].flat();
    const tags = element.choices.filter(({ value }) => !chosen.includes(value)).flatMap(({ tagIds }) => tagIds);
    if (element.type === 'yesno' && answer !== true) tags.push(...element.tagIds);
    wanted.remove.push(...tags.filter((id) => !kept.tags.has(id)));
  }
}

/** Answers as a browser sends them. */
const enteredAs = (answers: Answers): Entered =>
  new Map(
    Object.entries(answers).map(([id, answer]) => [
      id,
      typeof answer === 'boolean' ? [answer ? YES : NO] : [answer].flat(),
    ]),
  );

const topicsOf = (element: Element) => (element.kind === 'consent' || element.kind === 'terms' ? element.topics : []);

const nameOf = ({ topicId, channel }: { topicId: TopicId; channel: Channel }) => `${topicId} ${channel}`;

function takeTags(wanted: WantedOfSubmission, element: Element, answer: Answer): void {
  if (element.kind !== 'input') return;
  const chosen = Array.isArray(answer) ? answer : [answer];
  for (const { value, tagIds } of element.choices) if (chosen.includes(value)) wanted.apply.push(...tagIds);
  if (element.type === 'yesno' && answer === true) wanted.apply.push(...element.tagIds);
}

function takeValue(
  wanted: WantedOfSubmission,
  document: FormDocument,
  element: Element,
  answer: Answer,
  attributes: ReadonlyMap<AttributeId, Attribute>,
): void {
  if ((element.kind !== 'input' && element.kind !== 'hidden') || element.attributeId === null) return;
  const attribute = attributes.get(element.attributeId);
  if (!attribute) return;
  const text = Array.isArray(answer) ? answer.join(', ') : String(answer);
  const kind = attribute.system ? KEY_KINDS.find((each) => KEY_ATTRIBUTES[each] === attribute.code) : undefined;
  if (kind === document.match) return;
  if (kind) {
    const key = normaliseKey(kind, text);
    if (key.ok) wanted.keys.set(kind, key.key);
    else wanted.left.push(`${attribute.name}: ${key.reason}`);
    return;
  }
  const parsed = parseAttributeValue(attribute, text);
  if (parsed.ok) wanted.values.set(attribute.code, parsed.value);
  else wanted.left.push(parsed.reason);
}
