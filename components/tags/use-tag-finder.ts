'use client';
// The logic of every tag picker: finds tags, offers to create one, and first shows the server's question about similar names.
import { useRef, useState } from 'react';
import type { TagId } from '@/lib/db/ids';
import type { TagColour } from '@/lib/tags/colour';
import type { TagOption } from '@/lib/tags/schema';
import { findTags, type TagEntry } from './find-tags';
import { useCreateTag, useTags, type NewTag } from './use-tags';

/** The server's question about this text: a tag with a similar name exists. */
type Question = { text: string; name: string; near: NewTag[] };

/** `without`: a tag to exclude. */
type Options = { canCreate: boolean; without?: TagId };

/**
 * `entries`: best first; during a question the similar tags, then creating it anyway. `listKey` changes with the source of the
 * entries. `create`: the created tag, or null if there is now a question or a problem. `nameProblem`: why the text is not a valid
 * name.
 */
export function useTagFinder(slug: string, text: string, { canCreate, without }: Options) {
  const tags = useTags(slug);
  const createTag = useCreateTag(slug);
  const [asked, setAsked] = useState<Question | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const creating = useRef(false);
  const question = asked?.text === text ? asked : null;
  const offered = (tags.data ?? []).filter(({ id }) => id !== without);
  // Before the list has loaded, a tag cannot be known to be new.
  const found = findTags(offered, text, { canCreate: canCreate && tags.data !== undefined });

  async function create(
    { name, despite }: { name: string; despite: TagId[] },
    colour: TagColour | null = null,
  ): Promise<NewTag | null> {
    if (creating.current) return null;
    creating.current = true;
    setProblem(null);
    const answer = await createTag(name, despite, colour);
    creating.current = false;
    if (answer.kind === 'made') return answer.tag;
    if (answer.kind === 'asked') setAsked({ text, name, near: answer.near });
    else setProblem(answer.message);
    return null;
  }

  return {
    tags,
    entries: question ? answersTo(question, tags.data ?? []) : found.entries,
    listKey: question ? `asked ${text}` : text,
    unknown: found.unknown,
    asks: question !== null,
    problem,
    nameProblem: text.trim() === '' ? null : found.problem,
    forgetProblem: () => setProblem(null),
    create,
  };
}

function answersTo({ name, near }: Question, tags: readonly TagOption[]): TagEntry[] {
  const known = new Map(tags.map((tag) => [tag.id, tag]));
  return [
    ...near.map((tag) => ({
      kind: 'tag' as const,
      tag: known.get(tag.id) ?? { ...tag, description: '', group: '', profiles: 0 },
      near: true,
    })),
    { kind: 'create', name, despite: near.map(({ id }) => id) },
  ];
}
