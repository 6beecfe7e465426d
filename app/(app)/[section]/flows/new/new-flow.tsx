'use client';
// A flow begins with a name, which only colleagues see, and a template.
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button, ButtonLink } from '@/components/ui/button';
import { Banner, cardClass } from '@/components/ui/display';
import { RadioGroup, TextField } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import { useSubmission } from '@/components/ui/use-submission';
import type { SectionId } from '@/lib/db/ids';
import { flowFrom, TEMPLATE_WORDS, TEMPLATES, type Known, type Template } from '@/lib/flows/templates';
import { createFlowAction } from '../actions';

type Props = { section: { id: SectionId; slug: string }; template: Template } & Known;

const OPTIONS = TEMPLATES.map((value) => ({
  value,
  label: TEMPLATE_WORDS[value].name,
  hint: TEMPLATE_WORDS[value].hint,
}));

export function NewFlow({ section, template: chosen, attributes }: Props) {
  const router = useRouter();
  const [template, setTemplate] = useState<Template>(chosen);
  /** Null: as the template is called. */
  const [typed, setTyped] = useState<string | null>(null);
  const name = typed ?? TEMPLATE_WORDS[template].called;
  const { refusal, pending, submit } = useSubmission({ leaves: true });
  const wholeForm = messageFor(refusal, null, ['name']);
  return (
    <form
      className={`${cardClass} flex max-w-xl flex-col gap-4 p-4`}
      onSubmit={(event) =>
        submit(createFlowAction, { sectionId: section.id, name, ...flowFrom(template, { attributes }) }, ({ id }) =>
          router.push(`/${section.slug}/flows/${id}`),
        )(event)
      }
    >
      {wholeForm && <Banner tone="danger">{wholeForm}</Banner>}
      <RadioGroup label="Start from" value={template} options={OPTIONS} onChange={setTemplate} />
      <TextField
        label="Name"
        help="Only you and your colleagues see it: in the list of flows, and as the source of tags."
        value={name}
        onChange={setTyped}
        error={messageFor(refusal, 'name')}
        autoFocus
      />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" variant="primary" isPending={pending}>
          Make the flow
        </Button>
        <ButtonLink variant="quiet" href={`/${section.slug}/flows`}>
          Cancel
        </ButtonLink>
      </div>
    </form>
  );
}
