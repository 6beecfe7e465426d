import type { Metadata } from 'next';
import { createLoader, parseAsInteger, parseAsString, parseAsStringLiteral, type SearchParams } from 'nuqs/server';
import { valueForPage } from '@/app/value-for-page';
import { requireSection } from '@/app/viewer';
import { inJson } from '@/components/ui/in-json';
import type { SubmissionPlace } from '@/lib/forms/queries';
import { questionsOf } from '@/lib/forms/questions';
import { readSubmissions, readVersions } from '@/lib/forms/reads';
import { SUBMISSION_ORDERS } from '@/lib/forms/schema';
import { FormHeader } from '../form-header';
import { headed } from '../headed';
import { readFormOnce } from '../read-form-once';
import { rowsOf } from './rows-of';
import { SHOWS } from './shows';
import { Submissions } from './submissions';

export const metadata: Metadata = { title: 'Submissions' };

const PAGE = 50;

const loadParams = createLoader({
  show: parseAsStringLiteral(SHOWS).withDefault('all'),
  /** Of those in quarantine. */
  order: parseAsStringLiteral(SUBMISSION_ORDERS).withDefault('newest'),
  /** Where the page begins: the time, the id and the score of the submission before it. */
  before: parseAsString,
  /** An address, or a part of an answer. */
  q: parseAsString.withDefault(''),
  /** The submission that is looked at. */
  open: parseAsInteger,
});

type Props = { params: Promise<{ section: string; form: string }>; searchParams: Promise<SearchParams> };

export default async function SubmissionsPage({ params, searchParams }: Props) {
  const { section: slug, form: formId } = await params;
  const { actor, section } = await requireSection(slug);
  const { show, order: wanted, before, q, open } = await loadParams(searchParams);
  const order = show === 'quarantined' ? wanted : 'newest';
  const form = await valueForPage(readFormOnce(actor, section.id, formId));
  const of = { sectionId: section.id, formId };
  const [found, versions, opened] = await Promise.all([
    valueForPage(
      readSubmissions(actor, {
        ...of,
        state: show === 'all' ? null : show,
        search: q.slice(0, 200),
        order,
        before: readPlace(before),
        limit: PAGE + 1,
      }),
    ),
    valueForPage(readVersions(actor, of)),
    open === null || open < 1 ? [] : valueForPage(readSubmissions(actor, { ...of, id: open, limit: 1 })),
  ]);
  const shown = found.slice(0, PAGE);
  const last = shown.at(-1);
  const questions = questionsOf(versions);
  const place = { id: section.id, slug };
  return (
    <>
      <FormHeader section={place} form={headed(form)} here="/submissions" />
      <Submissions
        key={`${show} ${order} ${q} ${before ?? ''}`}
        section={place}
        form={{ id: form.id, name: form.name, version: form.version, open: form.open }}
        counts={{
          pending: form.pending,
          waiting: form.waiting,
          quarantined: form.quarantined,
          failed: form.failed,
        }}
        show={show}
        order={order}
        search={q}
        opened={inJson(rowsOf(opened, questions))[0] ?? null}
        isMissing={open !== null && opened.length === 0}
        questions={questions.map(({ id, label }) => ({ id, label }))}
        rows={inJson(rowsOf(shown, questions))}
        before={readPlace(before) ? before : null}
        older={found.length > PAGE && last ? `${last.at.getTime()}-${last.id}-${last.score}` : null}
      />
    </>
  );
}

/** Undefined for what is no place. */
function readPlace(text: string | null): SubmissionPlace | undefined {
  const found = /^(\d{1,15})-(\d{1,15})-(\d{1,2}|100)$/.exec(text ?? '');
  return found ? { at: new Date(Number(found[1])), id: Number(found[2]), score: Number(found[3]) } : undefined;
}
