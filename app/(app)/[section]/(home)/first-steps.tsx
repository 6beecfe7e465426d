'use client';
// Four first steps in a new section, each done in place.
import clsx from 'clsx';
import { Check } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState, type ReactNode } from 'react';
import { tagColours, tagChipClass } from '@/components/tags/tag-colour';
import { Button, ButtonLink } from '@/components/ui/button';
import { Banner, cardClass } from '@/components/ui/display';
import { useToast } from '@/components/ui/toasts';
import { useSubmission } from '@/components/ui/use-submission';
import type { SectionId } from '@/lib/db/ids';
import type { FirstSteps as State } from '@/lib/home/first-steps';
import type { SuggestedTag } from '@/lib/tags/suggestions';
import { uploadFile } from '../imports/new/upload-file';
import { createSuggestedTagsAction } from './actions';
import { CopyDataModel } from './copy-data-model';

type Props = {
  section: { id: SectionId; slug: string };
  steps: State;
  suggestions: readonly { use: string; tags: readonly SuggestedTag[] }[];
  others: { id: number; name: string }[];
};

export function FirstSteps({ section, steps, suggestions, others }: Props) {
  const done = [steps.tags, steps.people, steps.tagged, steps.segment].filter(Boolean).length;
  const base = `/${section.slug}`;
  return (
    <section aria-labelledby="first-steps" className={cardClass}>
      <header className="border-line border-b px-4 py-3">
        <h2 id="first-steps" className="font-semibold">
          First steps <span className="text-muted font-normal">· {done} of 4 done</span>
        </h2>
        <p className="text-muted">
          Tagwell keeps who your people are, and marks them with tags. Tags make segments; segments get messages.
        </p>
      </header>
      <ol className="divide-line divide-y">
        <Step
          number={1}
          done={steps.tags}
          title="Make tags"
          about="A tag is a label that a person has or does not have."
        >
          {!steps.tags && <SuggestedTags section={section} suggestions={suggestions} />}
          {!steps.tags && others.length > 0 && <CopyDataModel sectionId={section.id} others={others} />}
        </Step>
        <Step
          number={2}
          done={steps.people}
          title="Bring people in"
          about="From a file with an email address, mobile number or CRM ID for each person."
        >
          {!steps.people && (
            <div className="flex flex-wrap gap-2">
              <ButtonLink href={`${base}/imports/new`}>Import a file</ButtonLink>
              <SampleFile slug={section.slug} />
            </div>
          )}
        </Step>
        <Step
          number={3}
          done={steps.tagged}
          title="Tag somebody"
          about="By hand here; later by imports, forms, flows and your CRM."
        >
          {!steps.tagged &&
            (steps.newest === null || !steps.tags ? (
              <p className="text-muted text-[13px]">Once there are tags and people.</p>
            ) : (
              <ButtonLink href={`${base}/profiles/${steps.newest}`}>Open a person, and press t</ButtonLink>
            ))}
        </Step>
        <Step
          number={4}
          done={steps.segment}
          title="Make a segment"
          about="People by their tags and values, always up to date."
        >
          {!steps.segment && <ButtonLink href={`${base}/segments/new`}>New segment</ButtonLink>}
        </Step>
      </ol>
    </section>
  );
}

type StepProps = { number: number; done: boolean; title: string; about: string; children: ReactNode };

function Step({ number, done, title, about, children }: StepProps) {
  return (
    <li className="flex gap-3 px-4 py-3">
      <span
        className={clsx(
          'flex size-6 shrink-0 items-center justify-center rounded-full text-[13px] font-semibold',
          done ? 'bg-success-soft text-success' : 'bg-sunken text-muted',
        )}
      >
        {done ? <Check aria-label="Done" className="size-4" /> : <span aria-hidden>{number}</span>}
      </span>
      <div className="flex min-w-0 flex-1 flex-col items-start gap-2">
        <div>
          <h3 className="font-medium">{title}</h3>
          <p className="text-muted text-[13px]">{about}</p>
        </div>
        {children}
      </div>
    </li>
  );
}

/** Those that are chosen are created together; nothing is chosen for the person. */
function SuggestedTags({ section, suggestions }: Pick<Props, 'section' | 'suggestions'>) {
  const router = useRouter();
  const toast = useToast();
  const { refusal, pending, send } = useSubmission();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());

  const toggle = (name: string) =>
    setChosen((before) => {
      const after = new Set(before);
      if (!after.delete(name)) after.add(name);
      return after;
    });

  async function create() {
    const result = await send(createSuggestedTagsAction, { sectionId: section.id, names: [...chosen] });
    if (!result.ok) return;
    toast(result.value.created === 1 ? '1 tag created' : `${result.value.created} tags created`, {
      link: { label: 'Tags', href: `/${section.slug}/tags` },
    });
    router.refresh();
  }

  return (
    <div className="flex w-full flex-col gap-2">
      {suggestions.map(({ use, tags }) => (
        <div key={use} role="group" aria-label={use} className="flex flex-wrap items-center gap-2">
          <span aria-hidden className="text-muted w-full text-[13px] sm:w-44">
            {use}
          </span>
          {tags.map(({ name, colour, description }) => (
            <button
              key={name}
              type="button"
              aria-pressed={chosen.has(name)}
              title={description}
              onClick={() => toggle(name)}
              {...tagColours(colour)}
              className={clsx(
                tagChipClass,
                'inline-flex min-h-6 items-center gap-1 rounded-full px-2.5 py-0.5 text-[13px] font-medium',
                chosen.has(name) && 'ring-accent ring-2',
              )}
            >
              {chosen.has(name) && <Check aria-hidden className="size-3.5" />}
              {name}
            </button>
          ))}
        </div>
      ))}
      <div className="flex flex-wrap items-center gap-2 pt-1">
        <Button variant="primary" isDisabled={chosen.size === 0} isPending={pending} onPress={() => void create()}>
          {chosen.size === 0
            ? 'Create the chosen tags'
            : chosen.size === 1
              ? 'Create 1 tag'
              : `Create ${chosen.size} tags`}
        </Button>
        <ButtonLink href={`/${section.slug}/tags`}>Make your own</ButtonLink>
      </div>
      {refusal && <Banner tone="danger">{refusal.message}</Banner>}
    </div>
  );
}

/** Uploads the sample as if the person had chosen it: the wizard is where they learn what an import does. */
function SampleFile({ slug }: { slug: string }) {
  const router = useRouter();
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function upload() {
    setPending(true);
    setProblem(null);
    const sample = await fetch('/sample-people.csv').catch(() => null);
    const result = sample?.ok
      ? await uploadFile(slug, new File([await sample.blob()], 'sample-people.csv', { type: 'text/csv' }))
      : null;
    if (result?.ok) return router.push(`/${slug}/imports/${result.value.id}`);
    setPending(false);
    setProblem(result?.refusal.message ?? 'The sample could not be read. Try again in a moment.');
  }

  return (
    <>
      <Button isPending={pending} onPress={() => void upload()}>
        Try it with a sample file
      </Button>
      <a href="/sample-people.csv" download className="text-accent self-center text-[13px] hover:underline">
        Download the sample
      </a>
      {problem !== null && <Banner tone="danger">{problem}</Banner>}
    </>
  );
}
