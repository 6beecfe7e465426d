'use client';
// A form begins with a name, which only colleagues see, and a template.
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button, ButtonLink } from '@/components/ui/button';
import { Banner, cardClass } from '@/components/ui/display';
import { RadioGroup, TextField } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import { useSubmission } from '@/components/ui/use-submission';
import type { SectionId } from '@/lib/db/ids';
import { documentFrom, TEMPLATE_WORDS, TEMPLATES, type Known, type Template } from '@/lib/forms/templates';
import { createFormAction } from '../actions';

type Props = {
  section: { id: SectionId; slug: string };
  template: Template;
  /** What a form of each can be called. */
  names: Record<Template, string>;
} & Known;

const OPTIONS = TEMPLATES.map((value) => ({
  value,
  label: TEMPLATE_WORDS[value].name,
  hint: TEMPLATE_WORDS[value].hint,
}));

export function NewForm({ section, template: chosen, names, attributes, topics }: Props) {
  const router = useRouter();
  const [template, setTemplate] = useState<Template>(chosen);
  /** Null: as a form of the template can be called. */
  const [typed, setTyped] = useState<string | null>(null);
  const name = typed ?? names[template];
  const { refusal, pending, submit } = useSubmission({ leaves: true });
  const wholeForm = messageFor(refusal, null, ['name']);
  return (
    <form
      className={`${cardClass} flex max-w-xl flex-col gap-4 p-4`}
      onSubmit={(event) =>
        submit(
          createFormAction,
          { sectionId: section.id, name, document: documentFrom(template, { attributes, topics }) },
          ({ id }) => router.push(`/${section.slug}/forms/${id}`),
        )(event)
      }
    >
      {wholeForm && <Banner tone="danger">{wholeForm}</Banner>}
      <RadioGroup label="Start from" value={template} options={OPTIONS} onChange={setTemplate} />
      <TextField
        label="Name"
        help="Only you and your colleagues see it: in the list of forms, and as the source of tags."
        value={name}
        onChange={setTyped}
        error={messageFor(refusal, 'name')}
        autoFocus
      />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" variant="primary" isPending={pending}>
          Make the form
        </Button>
        <ButtonLink variant="quiet" href={`/${section.slug}/forms`}>
          Cancel
        </ButtonLink>
      </div>
    </form>
  );
}
