// The report of an SMS message: who got it, whose phone said so, who did not and why, and what it took.
import { DownloadLink } from '@/components/export/download-link';
import { ButtonLink } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { Badge, cardClass, CellLabel, PageHeader, stackedClass, TableHead } from '@/components/ui/display';
import { FilterForm, FilterSelect } from '@/components/ui/filter-form';
import { Link } from '@/components/ui/link';
import {
  SMS_FILTERS,
  type ReportGroup,
  type ReportLink,
  type SmsFailure,
  type SmsFilter,
  type SmsRecipient,
  type SmsTotals,
} from '@/lib/messages/report-schema';
import { failureInWords, leftOutInWords } from '../recipient-words';
import { Live } from './live';
import { SegmentOfLink } from './segment-of-link';
import { Figure, number, share, Table, Title } from '@/components/ui/figures';

type Props = {
  slug: string;
  report: {
    id: number;
    name: string;
    open: boolean;
    totals: SmsTotals;
    links: ReportLink[];
    failures: SmsFailure[];
    leftOut: SmsFailure[];
  };
  filter: SmsFilter;
  /** One more than a page has, if there are more. */
  recipients: SmsRecipient[];
  page: number;
};

const FILTER_WORDS: Record<SmsFilter, string> = {
  all: 'Everyone',
  sent: 'Sent',
  delivered: 'Delivered',
  underway: 'Sent, and nothing reported yet',
  failed: 'Did not arrive',
  unknown: 'Not known whether it left',
  skipped: 'Left out',
  waiting: 'Waiting',
  cancelled: 'Cancelled',
  clicked: 'Clicked',
  left: 'Opted out',
};

const GROUPS: { group: ReportGroup; words: string }[] = [
  { group: 'got', words: 'Was sent it' },
  { group: 'clicked', words: 'Clicked' },
  { group: 'not_clicked', words: 'Did not click' },
  { group: 'bounced', words: 'Did not arrive' },
  { group: 'left', words: 'Opted out' },
];

export function SmsReport({ slug, report, filter, recipients: found, page }: Props) {
  const { id, name, open, totals, links, failures, leftOut } = report;
  const recipients = found.slice(0, page);
  const last = recipients.at(-1);
  const here = `/${slug}/messages/${id}`;
  return (
    <div className="flex flex-col gap-4">
      <PageHeader title={name} actions={<ButtonLink href={here}>To the message</ButtonLink>}>
        <Badge>SMS</Badge> What became of it: {number(totals.recipients)}{' '}
        {totals.recipients === 1 ? 'person was' : 'people were'} chosen.
      </PageHeader>
      {open && <Live />}
      <dl className="grid grid-cols-2 gap-3 sm:grid-cols-3 lg:grid-cols-6">
        <Figure
          name="Sent"
          value={totals.sent}
          more={[share(totals.sent, totals.recipients), totals.unknown > 0 && `${number(totals.unknown)} not known`]
            .filter(Boolean)
            .join(' · ')}
        />
        <Figure
          name="Delivered"
          value={totals.delivered}
          more={[
            share(totals.delivered, totals.sent),
            totals.underway > 0 && `nothing reported yet of ${number(totals.underway)}`,
          ]
            .filter(Boolean)
            .join(' · ')}
        />
        <Figure name="Did not arrive" value={totals.failed} more={share(totals.failed, totals.recipients)} />
        <Figure
          name="Clicked"
          value={totals.clicked}
          more={`${share(totals.clicked, totals.sent)} · ${number(totals.machineClicked)} more by programs only`}
        />
        <Figure name="Opted out" value={totals.left} more={share(totals.left, totals.sent)} />
        <Figure
          name="Parts used"
          value={totals.parts}
          more={
            totals.sent + totals.unknown === 0
              ? ''
              : `${(totals.parts / (totals.sent + totals.unknown)).toFixed(1)} a person`
          }
        />
      </dl>
      <p className="text-muted">
        “Delivered” is what phones have confirmed to the provider. Some operators confirm nothing, and the built-in
        mailbox neither.
        {links.length > 0 && ' Programs that look at links before people do are counted apart.'}
      </p>
      <section className={cardClass} aria-labelledby="segments">
        <Title id="segments">A segment of these</Title>
        <div className="flex flex-wrap gap-2 p-4">
          {GROUPS.map(({ group, words }) => (
            <ButtonLink
              key={group}
              size="small"
              href={`/${slug}/segments/new?message=${id}&group=${group}&name=${encodeURIComponent(`${name}: ${words.toLowerCase()}`)}`}
              aria-label={`Make a segment: ${words}`}
            >
              {words}
            </ButtonLink>
          ))}
        </div>
      </section>
      <Table
        title="Links"
        heads={['Link', 'People', 'Clicks', 'By programs']}
        rows={links.map((link) => [
          <span key="link" className="flex flex-col items-start gap-1">
            <span className="break-all">{link.address}</span>
            <SegmentOfLink slug={slug} message={report} link={link} />
          </span>,
          ...[link.clicked, link.clicks, link.machine].map(number),
        ])}
      />
      <Table
        title="Why it did not arrive"
        action={
          !open &&
          totals.failed > 0 && (
            <ButtonLink size="small" href={`${here}?again=failed`}>
              Send to those it failed for…
            </ButtonLink>
          )
        }
        heads={['Reason', 'People']}
        rows={failures.map(({ why, people }) => [failureInWords(why), number(people)])}
      />
      <Table
        title="Left out when their turn came"
        heads={['Reason', 'People']}
        rows={leftOut.map(({ why, people }) => [leftOutInWords(why), number(people)])}
      />
      <section aria-labelledby="recipients" className="flex flex-col gap-2">
        <div className="flex flex-wrap items-center justify-between gap-2">
          <h2 id="recipients" className="text-base font-semibold">
            Recipients
          </h2>
          <DownloadLink href={`/data/${slug}/messages/${id}/sms-recipients?show=${filter}`}>Export as CSV</DownloadLink>
        </div>
        <FilterForm>
          <FilterSelect
            label="Show"
            name="show"
            value={filter === 'all' ? undefined : filter}
            all={FILTER_WORDS.all}
            options={SMS_FILTERS.filter((value) => value !== 'all').map((value) => ({
              value,
              label: FILTER_WORDS[value],
            }))}
          />
        </FilterForm>
        <div className={`${cardClass} relative overflow-x-auto`}>
          {recipients.length === 0 ? (
            <p className="text-muted p-4">Nobody.</p>
          ) : (
            <table className={stackedClass.table}>
              <TableHead stacked titles={['Number', 'What became of it', 'Parts', 'At']} />
              <tbody className={stackedClass.body}>
                {recipients.map((each) => (
                  <RecipientLine key={each.number} slug={slug} recipient={each} />
                ))}
              </tbody>
            </table>
          )}
        </div>
        {found.length > page && last && (
          <nav aria-label="Pages" className="flex justify-end">
            <ButtonLink size="small" href={`${here}/report?show=${filter}&after=${last.number}#recipients`}>
              More
            </ButtonLink>
          </nav>
        )}
      </section>
    </div>
  );
}

function RecipientLine({ slug, recipient }: { slug: string; recipient: SmsRecipient }) {
  const { profileId, address, answer, parts, at } = recipient;
  return (
    <tr className={stackedClass.row}>
      <td className={stackedClass.cell}>
        {profileId === null ? (
          'Erased'
        ) : (
          <Link href={`/${slug}/profiles/${profileId}`} className="text-accent-ink whitespace-nowrap underline">
            {address ?? 'Profile'}
          </Link>
        )}
      </td>
      <td className={stackedClass.cell}>
        {did(recipient)}
        {answer && <span className="text-muted block text-[13px]">{answer}</span>}
      </td>
      <td className={`${stackedClass.cell} tabular-nums`}>
        <CellLabel>Parts</CellLabel>
        {parts === null ? '–' : number(parts)}
      </td>
      <td className={stackedClass.cell}>{at ? <DateTime value={at} /> : '–'}</td>
    </tr>
  );
}

function did({ state, why, failure, deliveredAt, clickedAt, leftAt }: SmsRecipient): string {
  const what = failure
    ? `${FILTER_WORDS.failed}: ${lowered(failureInWords(failure))}`
    : state === 'skipped'
      ? `${FILTER_WORDS.skipped}: ${lowered(leftOutInWords(why ?? ''))}`
      : deliveredAt
        ? FILTER_WORDS.delivered
        : FILTER_WORDS[state === 'sent' || state === 'unknown' || state === 'cancelled' ? state : 'waiting'];
  return [what, ...(clickedAt ? ['clicked'] : []), ...(leftAt ? ['opted out'] : [])].join(' · ');
}

const lowered = (words: string): string => words.charAt(0).toLowerCase() + words.slice(1);
