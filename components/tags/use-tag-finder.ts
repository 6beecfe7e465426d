'use client';
// The logic of every tag picker: finds tags, offers to create one, and first shows the server's question about similar names.
import { useRef, useState } from 'react';
import type { TagId } from '@/lib/db/ids';
import type { TagColour } from '@/lib/tags/colour';
import type { TagOption } from '@/lib/tags/schema';
import { findTags, type TagEntry } from './find-tags';
import { useCheckNewTag, useCreateTag, useSearchAhead, useTagChoices, type NewTag } from './use-tags';

/** The server's question about this text: a tag with a similar name exists. */
type Question = { text: string; name: string; near: NewTag[] };

/** The server's answer if there is no tag, as yet. */
type NotMade = { kind: 'asked'; near: NewTag[] } | { kind: 'refused'; message: string };

/** `without`: a tag to exclude. */
type Options = { canCreate: boolean; without?: TagId };

/**
 * `entries`: best first; during a question the similar tags, then creating it anyway. While the answer for the text is awaited, what
 * matches among the tags known so far (`tags.isAnswer` is false), and nothing to create. `listKey` changes with the source of the
 * entries. `searchAhead`: call it with what is typed, before the state that holds it. `create`: the created tag, or null if there is
 * now a question or a problem. `check`: the same for a tag that is to be created later: 'free' if it can be, or the tag that has the
 * name. `nameProblem`: why the text is not a valid name.
 */
export function useTagFinder(slug: string, text: string, { canCreate, without }: Options) {
  const tags = useTagChoices(slug, text);
  const searchAhead = useSearchAhead(slug);
  const createTag = useCreateTag(slug);
  const checkNewTag = useCheckNewTag(slug);
  const [asked, setAsked] = useState<Question | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const creating = useRef(false);
  const question = asked?.text === text ? asked : null;
  const offered = tags.tags.filter(({ id }) => id !== without);
  // Before the answer for this text, a tag cannot be known to be new.
  const found = findTags(offered, text, { canCreate: canCreate && tags.isAnswer });
  const entries = tags.isAnswer ? found.entries : found.entries.filter((entry) => entry.kind === 'tag' && !entry.near);

  type Wanted = { name: string; despite: TagId[] };

  async function create({ name, despite }: Wanted, colour: TagColour | null = null): Promise<NewTag | null> {
    const answer = await once(() => createTag(name, despite, colour));
    return answer?.kind === 'made' ? answer.tag : ask(name, answer);
  }

  async function check({ name, despite }: Wanted): Promise<NewTag | 'free' | null> {
    const answer = await once(() => checkNewTag(name, despite));
    if (answer?.kind === 'free') return 'free';
    return answer?.kind === 'made' ? answer.tag : ask(name, answer);
  }

  /** Null while an earlier one is on its way. */
  async function once<Answer>(request: () => Promise<Answer>): Promise<Answer | null> {
    if (creating.current) return null;
    creating.current = true;
    setProblem(null);
    return request().finally(() => (creating.current = false));
  }

  function ask(name: string, answer: NotMade | null): null {
    if (answer?.kind === 'asked') setAsked({ text, name, near: answer.near });
    else if (answer) setProblem(answer.message);
    return null;
  }

  return {
    tags,
    entries: question ? answersTo(question, tags.tags) : entries,
    isWaiting: !question && !tags.isAnswer,
    listKey: question ? `asked ${text}` : text,
    unknown: found.unknown && tags.isAnswer,
    asks: question !== null,
    problem,
    nameProblem: text.trim() === '' ? null : found.problem,
    searchAhead,
    forgetProblem: () => setProblem(null),
    create,
    check,
  };
}

function answersTo({ name, near }: Question, tags: readonly TagOption[]): TagEntry[] {
  const known = new Map(tags.map((tag) => [tag.id, tag]));
  return [
    ...near.map((tag) => ({
      kind: 'tag' as const,
      tag: known.get(tag.id) ?? { ...tag, description: '', group: '', favourite: false, profiles: 0 },
      near: true,
    })),
    { kind: 'create', name, despite: near.map(({ id }) => id) },
  ];
}
