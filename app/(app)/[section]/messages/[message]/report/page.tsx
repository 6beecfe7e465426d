// The report of a message: who got it, who did not and why, and what people did.
import type { Metadata } from 'next';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { DownloadLink } from '@/components/export/download-link';
import { ButtonLink } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { cardClass, EmptyState, PageHeader } from '@/components/ui/display';
import { FilterForm, FilterSelect } from '@/components/ui/filter-form';
import { Link } from '@/components/ui/link';
import { readRecipients, readReport } from '@/lib/messages/report';
import {
  RECIPIENT_FILTERS,
  RecipientFilterSchema,
  type RecipientFilter,
  type ReportGroup,
  type ReportRecipient,
  SmsFilterSchema,
  type ReportTest,
  type ReportTotals,
} from '@/lib/messages/report-schema';
import { readSmsRecipients, readSmsReport } from '@/lib/messages/sms-report';
import { verdictInWords } from '@/components/messages/ab-verdict-words';
import { variantName } from '@/lib/messages/ab-schema';
import { Live } from './live';
import { SegmentOfLink } from './segment-of-link';
import { Figure, number, share, Table, Title } from '@/components/ui/figures';
import { SmsReport } from './sms-report';

export const metadata: Metadata = { title: 'Report' };

const PAGE = 50;

type Props = {
  params: Promise<{ section: string; message: string }>;
  searchParams: Promise<Record<string, string | undefined>>;
};

const FILTER_WORDS: Record<RecipientFilter, string> = {
  all: 'Everyone',
  sent: 'Sent',
  refused: 'Refused by their mail server',
  unknown: 'Not known whether it arrived',
  skipped: 'Left out',
  failed: 'Could not be written',
  waiting: 'Waiting',
  cancelled: 'Cancelled',
  opened: 'Opened',
  clicked: 'Clicked',
  left: 'Unsubscribed',
  bounced: 'Bounced',
  complained: 'Called it spam',
};

const REASON_WORDS: Record<string, string> = {
  erased: 'was erased',
  merged: 'was merged with another profile that got it',
  late: 'the allowed hours of that day had ended',
  left: 'had left meanwhile',
  noAddress: 'had no address any more',
  noConsent: 'had opted out meanwhile',
  suppressed: 'came onto the suppression list',
  limit: 'had got as many messages as the section allows',
  excluded: 'came into what is left out',
  duplicate: 'the address had been mailed already',
  flow: 'they had left the flow',
  template: 'a value could not be filled in',
  crash: 'Tagwell stopped while it was handed over',
  connection: 'the connection was lost',
  address: 'the address does not exist',
  full: 'the mailbox is full',
  expired: 'tried for days without success',
  other: 'not accepted',
  ours: 'the sender’s domain is not set up as demanded (SPF, DKIM, DMARC)',
  policy: 'because of who sent it',
  message: 'because of what it says, or of its size',
  unreachable: 'the address cannot be written to',
};

const GROUPS: { group: ReportGroup; words: string }[] = [
  { group: 'opened', words: 'Opened' },
  { group: 'not_opened', words: 'Did not open' },
  { group: 'clicked', words: 'Clicked' },
  { group: 'not_clicked', words: 'Did not click' },
  { group: 'left', words: 'Unsubscribed' },
];

export default async function ReportPage({ params, searchParams }: Props) {
  const { section: slug, message: messageId } = await params;
  const { actor, section } = await requireSection(slug);
  const search = await searchParams;
  const of = { sectionId: section.id, messageId };
  const after = /^\d{1,15}$/.test(search.after ?? '') ? Number(search.after) : 0;
  const report = await valueForPage(readReport(actor, of));
  if (report.channel === 'sms' && report.totals.recipients > 0) {
    const show = SmsFilterSchema.catch('all').parse(search.show);
    const [sms, shown] = await Promise.all([
      valueForPage(readSmsReport(actor, of)),
      valueForPage(readSmsRecipients(actor, { ...of, filter: show, after, limit: PAGE + 1 })),
    ]);
    return <SmsReport slug={slug} report={sms} filter={show} recipients={shown} page={PAGE} />;
  }
  const filter = RecipientFilterSchema.catch('all').parse(search.show);
  const found = await valueForPage(readRecipients(actor, { ...of, filter, after, limit: PAGE + 1 }));
  const { totals, reasons, links, providers, hours } = report;
  const recipients = found.slice(0, PAGE);
  const last = recipients.at(-1);
  const here = `/${slug}/messages/${report.id}`;
  if (totals.recipients === 0) {
    return (
      <>
        <PageHeader title={report.name} />
        <div className={cardClass}>
          <EmptyState title="There is no report yet" action={<ButtonLink href={here}>To the message</ButtonLink>}>
            It begins when the message goes out.
          </EmptyState>
        </div>
      </>
    );
  }
  return (
    <div className="flex flex-col gap-4">
      <PageHeader title={report.name} actions={<ButtonLink href={here}>To the message</ButtonLink>}>
        What became of it: {number(totals.recipients)} people were to get it. Why others who matched were not is said
        with the message.
      </PageHeader>
      {report.open && <Live />}
      <dl className="grid grid-cols-2 gap-3 sm:grid-cols-3 lg:grid-cols-6">
        <Figure name="Sent" value={totals.sent} more={share(totals.sent, totals.recipients)} />
        <Figure
          name="Opened"
          value={totals.opened}
          more={`${share(totals.opened, totals.sent)} · ${number(totals.machineOpened)} more by programs only`}
        />
        <Figure
          name="Clicked"
          value={totals.clicked}
          more={`${share(totals.clicked, totals.sent)} · ${number(totals.machineClicked)} more by programs only`}
        />
        <Figure name="Unsubscribed" value={totals.left} more={share(totals.left, totals.sent)} />
        <Figure
          name="Refused or bounced"
          value={totals.refused + totals.bounced}
          more={share(totals.refused + totals.bounced, totals.recipients)}
        />
        <Figure
          name="Called it spam"
          value={totals.complained}
          more={`${share(totals.complained, totals.sent)} · below 0.1 % is good, from 0.3 % mailboxes refuse`}
        />
      </dl>
      <p className="text-muted">
        Programs that guard mailboxes follow links, and some mail programs load pictures before anybody reads: these are
        counted apart. Opens are never exact.
      </p>
      <section className={cardClass} aria-labelledby="segments">
        <Title id="segments">A segment of these</Title>
        <div className="flex flex-wrap gap-2 p-4">
          {GROUPS.map(({ group, words }) => (
            <ButtonLink
              key={group}
              size="small"
              href={`/${slug}/segments/new?message=${report.id}&group=${group}&name=${encodeURIComponent(`${report.name}: ${words.toLowerCase()}`)}`}
              aria-label={`Make a segment: ${words}`}
            >
              {words}
            </ButtonLink>
          ))}
        </div>
      </section>
      {report.test && <TestTable test={report.test} />}
      <Table
        title="Links"
        heads={['Link', 'People', 'Clicks', 'By programs']}
        rows={links.map((link) => [
          <span key="link" className="flex flex-col items-start gap-1">
            <span dir="auto">{link.place}</span>
            <span className="text-muted text-[13px] break-all">{link.address}</span>
            <SegmentOfLink slug={slug} message={report} link={link} />
          </span>,
          number(link.clicked),
          number(link.clicks),
          number(link.machine),
        ])}
      />
      <Table
        title="Why people did not get it"
        action={<ToFailed here={here} totals={totals} open={report.open} />}
        heads={['What', 'Reason', 'People']}
        rows={reasons.map(({ state, why, people }) => [
          FILTER_WORDS[RecipientFilterSchema.catch('all').parse(state)],
          (REASON_WORDS[why] ?? why.replaceAll('_', ' ')) || '–',
          number(people),
        ])}
      />
      <Table
        title="Mailbox providers"
        heads={['Provider', 'Sent', 'Refused', 'Bounced', 'Opened', 'Clicked']}
        rows={providers.map((each) => [
          each.provider,
          ...[each.sent, each.refused, each.bounced, each.opened, each.clicked].map(number),
        ])}
      />
      <Table
        title="When"
        heads={['Hours after it came', 'Opened', 'Clicked', 'Unsubscribed']}
        rows={hours.map(({ hour, opened, clicked, left }) => [
          hour >= 48 ? 'later' : `${hour}–${hour + 1}`,
          ...[opened, clicked, left].map(number),
        ])}
      />
      <section aria-labelledby="recipients" className="flex flex-col gap-2">
        <div className="flex flex-wrap items-center justify-between gap-2">
          <h2 id="recipients" className="text-base font-semibold">
            Recipients
          </h2>
          <DownloadLink href={`/data/${slug}/messages/${report.id}/recipients?show=${filter}`}>
            Export as CSV
          </DownloadLink>
        </div>
        <FilterForm>
          <FilterSelect
            label="Show"
            name="show"
            value={filter === 'all' ? undefined : filter}
            all={FILTER_WORDS.all}
            options={RECIPIENT_FILTERS.filter((value) => value !== 'all').map((value) => ({
              value,
              label: FILTER_WORDS[value],
            }))}
          />
        </FilterForm>
        <Table
          heads={['Person', 'What became of it', 'At']}
          rows={recipients.map((each) => [
            each.profileId === null ? (
              'Erased'
            ) : (
              <span key="person" className="flex flex-col">
                <Link href={`/${slug}/profiles/${each.profileId}`} className="wrap-anywhere">
                  <bdi>{each.name ?? each.address ?? 'Profile'}</bdi>
                </Link>
                {each.name !== null && each.name !== each.address && (
                  <span className="text-muted text-[13px] wrap-anywhere">{each.address}</span>
                )}
              </span>
            ),
            <span key="state" className="flex flex-col">
              {did(each)}
              {each.answer && <span className="text-muted text-[13px] break-words">{each.answer}</span>}
            </span>,
            each.at ? <DateTime key="at" value={each.at} /> : '–',
          ])}
        />
        {found.length > PAGE && last && (
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

/** What came of each variant: those of the test part, and the others who got the chosen one. */
function TestTable({ test }: { test: ReportTest }) {
  const { result, winner, winnerBy, subjects, variants } = test;
  return (
    <section className="flex flex-col gap-2" aria-label="A/B test">
      <Table
        title="A/B test"
        heads={['Variant', 'Sent', 'Opened', 'Clicked', 'Unsubscribed']}
        rows={variants.map(({ variant, part, sent, opened, clicked, left }) => [
          <span key="variant" className="flex flex-col">
            <span>
              <span className="font-semibold">{variantName(variant)}</span>{' '}
              {part === 'rest' && <span className="text-muted">the others, after the test</span>}
            </span>
            <bdi className="text-muted text-[13px] wrap-anywhere">{subjects[variant]}</bdi>
          </span>,
          number(sent),
          ...[opened, clicked, left].map((people, column) => (
            <span key={column} className="whitespace-nowrap">
              {number(people)} ({share(people, sent) || '–'})
            </span>
          )),
        ])}
      />
      <p className="text-muted">
        {result ? verdictInWords(result) : 'It is not decided yet.'}
        {winner !== null &&
          ` ${winnerBy === null ? 'By that' : `${winnerBy} chose:`} the others got ${variantName(winner)}.`}
      </p>
    </section>
  );
}

/** To the question whether to send it to those for whom it failed. */
function ToFailed({ here, totals, open }: { here: string; totals: ReportTotals; open: boolean }) {
  if (open || totals.refused + totals.failed + totals.bounced === 0) return null;
  return (
    <ButtonLink size="small" href={`${here}?again=failed`}>
      Send to those it failed for…
    </ButtonLink>
  );
}

function did({ state, why, bounce, openedAt, clickedAt, leftAt, complainedAt }: ReportRecipient): string {
  const all = [
    FILTER_WORDS[bounce ? 'bounced' : RecipientFilterSchema.catch('waiting').parse(state)],
    ...(bounce ? [REASON_WORDS[bounce] ?? bounce] : []),
    ...(why ? [REASON_WORDS[why] ?? why.replaceAll('_', ' ')] : []),
    ...(openedAt ? ['opened'] : []),
    ...(clickedAt ? ['clicked'] : []),
    ...(leftAt ? ['unsubscribed'] : []),
    ...(complainedAt ? ['called it spam'] : []),
  ];
  return all.join(' · ');
}
