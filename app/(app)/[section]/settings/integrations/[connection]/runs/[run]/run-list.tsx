'use client';
// A list in a run: how many get or lose its tag and why others are left out, with the people; and the answer to held removals.
import { useState } from 'react';
import { TagLink } from '@/components/tags/tag-chip';
import { Button } from '@/components/ui/button';
import { Badge, Banner, cardClass } from '@/components/ui/display';
import { Link } from '@/components/ui/link';
import type { PeopleGroup } from '@/lib/integrations/run-people';
import type { RunListView, RunHead } from '@/lib/integrations/run-views';
import {
  countOf,
  groupInWords,
  GROUPS,
  isUnderWay,
  number,
  people,
  runListWords,
  type SectionRef,
} from '../../../words';
import { Answer, Held } from './held';
import { RunPeople } from './run-people';

type Props = { section: SectionRef; run: RunHead; list: RunListView; onAnswered: () => void };

export function RunList({ section, run, list, onAnswered }: Props) {
  const { name, tag, status, reason } = list;
  const [chosen, setChosen] = useState<PeopleGroup | 'none' | null>(null);
  const asks = status === 'held' && list.answeredAt === null;
  // Whom the question is about, until something else is chosen.
  const asked = chosen ?? (asks ? (countOf(list, 'removes') > 0 ? 'removes' : 'leaves') : 'none');
  const shown = asked === 'none' ? null : asked;
  const words = runListWords(run, status);
  const done = status === 'done' && !run.dry;
  // By then the new people have got the tag like the others.
  const groups = (Object.keys(GROUPS) as PeopleGroup[]).filter(
    (group) => countOf(list, group) > 0 && !(done && group === 'create'),
  );
  const id = `list-${list.listId}`;
  return (
    <section aria-labelledby={id} className={`${cardClass} flex flex-col gap-3 p-4`}>
      <div className="flex flex-wrap items-center gap-2">
        <h2 id={id} className="font-semibold wrap-anywhere">
          {name}
        </h2>
        <TagLink tag={tag} size="whole" />
        {(run.status !== 'planned' || status === 'held' || status === 'failed' || status === 'frozen') && (
          <Badge tone={words.tone}>{words.label}</Badge>
        )}
      </div>
      {reason !== null && status !== 'held' && (
        <Banner tone={status === 'failed' ? 'danger' : 'warning'}>{reason}</Banner>
      )}
      {asks && <Held section={section} run={run} list={list} onAnswered={onAnswered} />}
      <Answer list={list} />
      {status !== 'waiting' && status !== 'failed' && status !== 'frozen' && (
        <Figures slug={section.slug} run={run} list={list} />
      )}
      {countOf(list, 'refused') > 0 && (
        <Banner tone="warning">
          Allowed Operations do not let this connection write the tag, so {people(countOf(list, 'refused'))} stay as
          they are. To change that, open{' '}
          <Link className="underline" href={`/${section.slug}/tags/${tag.id}`}>
            the tag
          </Link>
          , then Edit → Allowed Operations.
        </Banner>
      )}
      {groups.length > 0 && (
        <div className="flex flex-wrap gap-2" role="group" aria-label={`People of ${name}`}>
          {groups.map((group) => (
            <Button
              key={group}
              size="small"
              variant={shown === group ? 'primary' : 'secondary'}
              aria-expanded={shown === group}
              onPress={() => setChosen(shown === group ? 'none' : group)}
            >
              {groupInWords(group, countOf(list, group), done)}
            </Button>
          ))}
        </div>
      )}
      {shown && <RunPeople key={shown} slug={section.slug} run={run} list={list} group={shown} />}
    </section>
  );
}

function Figures({ slug, run, list: { counts, compared, tag } }: { slug: string; run: RunHead; list: RunListView }) {
  const { seen, matched, people: found, had, adds, removes, create, keptOff, erased, skipped } = counts;
  const unchanged = adds + removes + create === 0;
  if (!compared) {
    return (
      <p className="text-muted text-[13px]">
        {number(seen)} on the list.{isUnderWay(run) && ' Who they are here is found out once all lists have been read.'}
      </p>
    );
  }
  return (
    <p className="text-muted text-[13px]">
      {number(seen)} on the list, {number(matched)} found here
      {matched > found && found > 0 && `, who are ${people(found)}: some are the same person here`}.{' '}
      {had === 0 ? 'Nobody' : people(had)} had the tag through this list
      {unchanged && (run.dry ? ', and no tag would change' : ', and no tag changed')}.
      {keptOff > 0 && (
        <>
          {' '}
          <Link className="underline" href={`/${slug}/tags/${tag.id}/kept-off`}>
            {people(keptOff)} {keptOff === 1 ? 'does' : 'do'} not get it
          </Link>
          , because somebody took it off by hand.
        </>
      )}
      {erased > 0 && ` ${people(erased)} ${erased === 1 ? 'was' : 'were'} erased here for good.`}
      {skipped > 0 && ` ${number(skipped)} could not be read.`}
    </p>
  );
}
