'use client';
// The people from whom somebody removed a list's tag, and the buttons that let them in again.
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { ArrowRows } from '@/components/ui/arrow-rows';
import { Button, ButtonLink } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { Banner, cardClass, CellLabel, EmptyState, stackedClass, TableHead } from '@/components/ui/display';
import { Checkbox } from '@/components/ui/field';
import { Link } from '@/components/ui/link';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { ProfileId } from '@/lib/db/ids';
import type { KeepingList } from '@/lib/integrations/kept-by';
import type { KeptOffPerson } from '@/lib/integrations/kept-off';
import { LET_IN_AT_ONCE } from '@/lib/integrations/schema';
import { listsInWords } from '@/lib/tags/claim-words';
import type { TagLabel } from '@/lib/tags/schema';
import type { SectionRef } from '../../open-dialog';
import { keepOffAction, letInAction } from '../actions';
import { LetAllInDialog } from './let-all-in-dialog';

type Props = {
  section: SectionRef;
  tag: TagLabel;
  total: number;
  people: KeptOffPerson[];
  lists: KeepingList[];
  isFirst: boolean;
  /** After which profile the next page begins. */
  next: ProfileId | null;
};

export function KeptOff({ section, tag, total, people, lists, isFirst, next }: Props) {
  const router = useRouter();
  const toast = useToast();
  const { pending, send } = useSubmission();
  const [chosen, setChosen] = useState<ReadonlySet<ProfileId>>(new Set());
  const [all, setAll] = useState(false);
  const here = `/${section.slug}/tags/${tag.id}/kept-off`;
  const selected = people.filter(({ profileId }) => chosen.has(profileId)).map(({ profileId }) => profileId);
  const of = { sectionId: section.id, tagId: tag.id };
  const number = total.toLocaleString('en-GB');

  /** `profileIds`: null for everyone. */
  async function letIn(profileIds: readonly ProfileId[] | null, whom: string) {
    const result = await send(letInAction, { ...of, profileIds });
    router.refresh();
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger' });
    setChosen(new Set());
    const { claims } = result.value;
    toast(`${whom} let in again`, {
      detail: 'The next sync applies the tag to those who are still on the list.',
      action: { label: 'Undo', run: () => void undo(claims) },
    });
  }

  async function undo(claims: readonly { profileId: ProfileId; holderId: number }[]) {
    const result = await send(keepOffAction, { ...of, claims });
    if (!result.ok) return toast(result.refusal.message, { tone: 'danger' });
    toast(
      result.value.left === 0 ? 'Kept off again' : 'A sync has applied the tag in between: remove it in the profile',
    );
    router.refresh();
  }

  if (total === 0) {
    return (
      <div className={cardClass}>
        <EmptyState
          title="Nobody is kept off"
          action={<ButtonLink href={`/${section.slug}/tags/${tag.id}`}>Back to the tag</ButtonLink>}
        >
          Who is removed by hand from a tag that an integration list keeps is listed here. Syncs leave the tag off until
          somebody lets the person in again.
        </EmptyState>
      </div>
    );
  }
  return (
    <div className="flex flex-col gap-3">
      <p className="text-muted max-w-prose">
        Somebody removed the tag from {total === 1 ? 'this person' : `these ${number} people`}, so syncs leave it off
        even while they are on the list. When you let somebody in again, nothing changes at once: the next sync applies
        the tag if they are still on the list.
        <NextSyncs lists={lists} />
      </p>
      <div className="flex flex-wrap items-center gap-2">
        <Button
          variant="primary"
          isDisabled={selected.length === 0}
          isPending={pending}
          onPress={() =>
            void letIn(
              selected,
              selected.length === 1 ? '1 person' : `${selected.length.toLocaleString('en-GB')} people`,
            )
          }
        >
          Let the selected in again
        </Button>
        {total > LET_IN_AT_ONCE ? (
          <Button onPress={() => setAll(true)}>Let all {number} in again…</Button>
        ) : (
          total > 1 && (
            <Button isPending={pending} onPress={() => void letIn(null, `${number} people`)}>
              Let all {number} in again
            </Button>
          )
        )}
      </div>
      <div className={`${cardClass} overflow-hidden`}>
        <div className="border-line border-b px-3 py-2">
          <Checkbox
            isSelected={selected.length === people.length && people.length > 0}
            isIndeterminate={selected.length > 0 && selected.length < people.length}
            onChange={(on) => setChosen(on ? new Set(people.map(({ profileId }) => profileId)) : new Set())}
          >
            Select all on this page
          </Checkbox>
        </div>
        <table className={stackedClass.table}>
          <TableHead stacked titles={['Name', 'List', 'Removed', '']} />
          <ArrowRows className={stackedClass.body}>
            {people.map((person) => (
              <tr key={person.profileId} className={stackedClass.row}>
                <td className={stackedClass.cell}>
                  <span className="flex items-center gap-2">
                    <Checkbox
                      label={`Select ${person.name}`}
                      isSelected={chosen.has(person.profileId)}
                      onChange={(on) => {
                        const others = new Set(chosen);
                        if (on) others.add(person.profileId);
                        else others.delete(person.profileId);
                        setChosen(others);
                      }}
                    />
                    <Link
                      href={`/${section.slug}/profiles/${person.profileId}`}
                      className="font-medium hover:underline"
                    >
                      <bdi>{person.name}</bdi>
                    </Link>
                  </span>
                </td>
                <td className={stackedClass.cell}>
                  <CellLabel>List</CellLabel>
                  {listsInWords(person.lists.map((name) => ({ name })))}
                </td>
                <td className={stackedClass.cell}>
                  <CellLabel>Removed</CellLabel>
                  {person.at === null ? (
                    <span className="text-muted">not recorded</span>
                  ) : (
                    <>
                      {person.by} · <DateTime value={person.at} exact />
                    </>
                  )}
                </td>
                <td className={`${stackedClass.cell} md:text-right`}>
                  <Button
                    size="small"
                    aria-label={`Let ${person.name} in again`}
                    isPending={pending}
                    onPress={() => void letIn([person.profileId], person.name)}
                  >
                    Let in again
                  </Button>
                </td>
              </tr>
            ))}
          </ArrowRows>
        </table>
      </div>
      {people.length === 0 && <Banner>There is nobody further on.</Banner>}
      <nav aria-label="Pages" className="flex justify-end gap-2">
        {!isFirst && <ButtonLink href={here}>First page</ButtonLink>}
        {next !== null && <ButtonLink href={`${here}?after=${next}`}>Next page</ButtonLink>}
      </nav>
      {all && <LetAllInDialog section={section} tag={tag} total={total} onClose={() => setAll(false)} />}
    </div>
  );
}

function NextSyncs({ lists }: { lists: readonly KeepingList[] }) {
  const next = lists
    .map(({ nextSync }) => nextSync)
    .filter((at) => at !== null)
    .sort()[0];
  return next === undefined ? null : (
    <>
      {' '}
      It starts <DateTime value={next} exact />.
    </>
  );
}
