'use client';
// A row for each submission, a column for each question. On a phone, each is a card with its answers.
import clsx from 'clsx';
import { useRouter } from 'next/navigation';
import type { MouseEvent } from 'react';
import { ArrowRows } from '@/components/ui/arrow-rows';
import { DateTime } from '@/components/ui/date-time';
import { Badge, CellLabel, stackedClass, tableClass, type Tone } from '@/components/ui/display';
import { Checkbox } from '@/components/ui/field';
import type { InJson } from '@/components/ui/in-json';
import { Link } from '@/components/ui/link';
import { useWhenOnline } from '@/components/ui/when-online';
import type { SubmissionId } from '@/lib/db/ids';
import type { SubmissionState } from '@/lib/forms/schema';
import { STATE_WORDS, VIA_WORDS } from '@/lib/forms/state-words';
import type { ShownRow } from './rows-of';
import type { Show } from './shows';

/** Questions beside each other: more of them push the last ones out of sight. */
const COLUMNS = 5;
/** Of what speaks for spam. */
const SIGNS = 2;

const TONES: Partial<Record<SubmissionState, Tone>> = {
  received: 'info',
  waiting: 'warning',
  quarantined: 'warning',
  failed: 'danger',
  done: 'success',
};

const MAIL_WORDS: Record<string, string> = {
  waiting: 'the mail is on its way',
  sent: 'the mail has been sent',
  failed: 'the mail could not be sent',
  refused: 'the mail was refused',
  limited: 'no mail: this mailbox has had enough of them for now',
  suppressed: 'no mail: the address is on the suppression list',
  bounced: 'the mail came back',
  complained: 'the mail was called spam',
  cancelled: 'no mail: it was too late',
};

type Row = InJson<ShownRow>;

type Props = {
  slug: string;
  show: Show;
  /** The address of a submission's card. */
  addressOf: (id: SubmissionId) => string;
  questions: readonly { id: string; label: string }[];
  rows: readonly Row[];
  /** Null: none can be chosen. */
  chosen: ReadonlySet<SubmissionId> | null;
  onChosen: (chosen: ReadonlySet<SubmissionId>) => void;
};

export function SubmissionsTable({ slug, show, addressOf, questions, rows, chosen, onChosen }: Props) {
  const router = useRouter();
  const whenOnline = useWhenOnline();
  // Columns without any answer on this page only push the others out of sight. The card of each has all answers.
  const asked = questions.filter(({ id }) => rows.some(({ answers }) => answers?.[id] !== undefined)).slice(0, COLUMNS);
  const open = ({ target }: MouseEvent<HTMLElement>, id: SubmissionId) => {
    const isElsewhere = target instanceof Element && target.closest('a, button, label, input, summary') !== null;
    if (isElsewhere || window.getSelection()?.isCollapsed === false) return;
    whenOnline(() => router.push(addressOf(id), { scroll: false }));
  };
  const isAll = chosen !== null && rows.every(({ id }) => chosen.has(id));
  const toggle = (id: SubmissionId, isChosen: boolean) => {
    const next = new Set(chosen);
    if (isChosen) next.add(id);
    else next.delete(id);
    onChosen(next);
  };
  return (
    <div className="relative overflow-x-auto" tabIndex={0} role="region" aria-label="Submissions">
      <table className={stackedClass.table}>
        <thead className="hidden md:table-header-group">
          <tr>
            {chosen && (
              <th scope="col" className={tableClass.head}>
                <Checkbox
                  label="Choose all on this page"
                  isSelected={isAll}
                  isIndeterminate={!isAll && chosen.size > 0}
                  onChange={(isChosen) => onChosen(new Set(isChosen ? rows.map(({ id }) => id) : []))}
                />
              </th>
            )}
            <th scope="col" className={tableClass.head}>
              When
            </th>
            <th scope="col" className={tableClass.head}>
              {show === 'quarantined' ? 'Why' : 'State'}
            </th>
            {asked.map(({ id, label }) => (
              <th key={id} scope="col" className={clsx(tableClass.head, 'max-w-52 truncate')} title={label}>
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <ArrowRows className={stackedClass.body}>
          {rows.map((row) => (
            <tr
              key={row.id}
              className={clsx(stackedClass.row, 'cursor-pointer', chosen?.has(row.id) && 'bg-selected')}
              onClick={(event) => open(event, row.id)}
            >
              {chosen && (
                <td className={clsx(stackedClass.cell, 'align-top max-md:absolute max-md:top-1.5 max-md:right-1.5')}>
                  <Checkbox
                    label={`Choose ${row.title || 'this submission'}`}
                    isSelected={chosen.has(row.id)}
                    onChange={(isChosen) => toggle(row.id, isChosen)}
                  />
                </td>
              )}
              <td className={clsx(stackedClass.cell, 'align-top')}>
                <Link href={addressOf(row.id)} scroll={false} className="underline">
                  <DateTime value={row.at} exact />
                </Link>
                {VIA_WORDS[row.via] && <span className="text-muted block text-[13px]">{VIA_WORDS[row.via]}</span>}
                {row.referrer !== '' && (
                  <span className="text-muted block text-[13px] wrap-anywhere">from {row.referrer}</span>
                )}
                {row.profileId !== null && (
                  <Link href={`/${slug}/profiles/${row.profileId}`} className="block w-fit text-[13px] underline">
                    Profile
                  </Link>
                )}
              </td>
              <td className={clsx(stackedClass.cell, 'align-top')}>
                {row.state === 'quarantined' ? <Signs signs={row.signs} /> : <State row={row} />}
              </td>
              {row.answers === null ? (
                <td className={clsx(stackedClass.cell, 'text-muted italic')} colSpan={Math.max(1, asked.length)}>
                  The answers have been erased
                </td>
              ) : (
                asked.map(({ id, label }) => <AnswerCell key={id} label={label} words={row.answers?.[id]} />)
              )}
            </tr>
          ))}
        </ArrowRows>
      </table>
    </div>
  );
}

export function State({ row: { state, error, mail, confirmedAt } }: { row: Row }) {
  return (
    <span className="flex flex-col items-start gap-0.5">
      <Badge tone={TONES[state]}>{STATE_WORDS[state]}</Badge>
      {state === 'pending' && mail !== null && (
        <span className="text-muted text-[13px]">{MAIL_WORDS[mail] ?? mail}</span>
      )}
      {confirmedAt !== null && (
        <span className="text-muted text-[13px]">
          confirmed <DateTime value={confirmedAt} />
        </span>
      )}
      {error && <span className="text-danger max-w-64 text-[13px] wrap-anywhere">{error}</span>}
    </span>
  );
}

function Signs({ signs }: { signs: readonly string[] }) {
  const more = signs.length - SIGNS;
  return (
    <ul className="flex flex-wrap gap-x-1.5 text-[13px] md:w-72" title={signs.join(', ')}>
      {signs.slice(0, SIGNS).map((sign, at) => (
        <li key={sign}>
          {sign}
          {at < Math.min(SIGNS, signs.length) - 1 && ','}
        </li>
      ))}
      {more > 0 && <li className="text-muted">and {more} more</li>}
    </ul>
  );
}

/** Long texts open where they stand. */
const LONG = 120;

function AnswerCell({ label, words }: { label: string; words: string | undefined }) {
  return (
    <td
      className={clsx(
        stackedClass.cell,
        'align-top md:max-w-72 md:min-w-36 md:wrap-break-word',
        words === undefined && 'max-md:hidden',
      )}
    >
      <CellLabel>{label}</CellLabel>
      {words !== undefined &&
        (words.length > LONG ? (
          <details>
            <summary className="wrap-anywhere" dir="auto">
              {[...words].slice(0, LONG).join('')}…
            </summary>
            <p className="mt-1 wrap-anywhere whitespace-pre-line" dir="auto">
              {words}
            </p>
          </details>
        ) : (
          <span className="whitespace-pre-line" dir="auto">
            {words}
          </span>
        ))}
    </td>
  );
}
