'use client';
// Who a submission is about, which tags it gives and takes, and what the person sees afterwards.
import { Plus, Trash2 } from 'lucide-react';
import { Button, IconButton } from '@/components/ui/button';
import { Banner } from '@/components/ui/display';
import { Checkbox, RadioGroup, Select, TextArea, TextField } from '@/components/ui/field';
import { elementsOf, isAsking, type FormDocument } from '@/lib/forms/schema';
import { textOf } from '@/lib/forms/texts';
import { useBuilder, useDocument } from './builder-context';
import { DraftField } from '@/components/ui/draft-field';
import { WebAddressField } from './link-fields';
import { labelOf } from './new-elements';
import { SettingsGroup } from './settings-group';
import { TagsField } from '@/components/tags/tags-field';

export function PeopleSettings() {
  const { slug, change } = useBuilder();
  const { document } = useDocument();
  const set = (part: Partial<FormDocument>, what?: string) => change((now) => ({ ...now, ...part }), what);
  const { tags, match, existing, replaces, optIn } = document;
  return (
    <>
      <SettingsGroup
        id="form-tags"
        title="Tags"
        hint="Everybody who sends the form gets these. Tags by an answer are set at the question."
      >
        <div className="flex flex-col gap-1">
          <span aria-hidden className="text-[13px] font-medium">
            Tags to apply
          </span>
          <TagsField
            slug={slug}
            label="Tags to apply"
            tagIds={tags.apply}
            onChange={(apply) => set({ tags: { ...tags, apply } })}
          />
        </div>
        <div className="flex flex-col gap-1">
          <span aria-hidden className="text-[13px] font-medium">
            Tags to remove
          </span>
          <TagsField
            slug={slug}
            label="Tags to remove"
            tagIds={tags.remove}
            onChange={(remove) => set({ tags: { ...tags, remove } })}
          />
        </div>
      </SettingsGroup>
      <SettingsGroup id="form-people" title="Who it is">
        <RadioGroup
          label="People are found by"
          value={match}
          options={[
            { value: 'email', label: 'Their email address', hint: 'A question for it has to be in the form.' },
            { value: 'mobile', label: 'Their mobile number', hint: 'A question for it has to be in the form.' },
          ]}
          onChange={(next) => set({ match: next })}
        />
        <RadioGroup
          label="If somebody is known already, their values"
          value={existing}
          options={[
            { value: 'fill', label: 'Stay; empty ones are filled' },
            {
              value: 'overwrite',
              label: 'Are replaced after the confirmation',
              hint: 'Anybody can enter somebody else’s address, so nothing is replaced before they have confirmed.',
            },
            { value: 'leave', label: 'Stay as they are' },
          ]}
          onChange={(next) => set({ existing: next })}
        />
        <Checkbox isSelected={replaces} onChange={(next) => set({ replaces: next })}>
          <span>
            What they leave out ends
            <span className="text-muted block text-[13px]">
              For forms by which people choose what they get: topics that they do not tick, and tags of answers that
              they do not choose, are taken away after the confirmation.
            </span>
          </span>
        </Checkbox>
        {(existing === 'overwrite' || replaces) && !optIn.on && (
          <Banner tone="warning">This needs a confirmation by email: switch it on under Confirmation.</Banner>
        )}
      </SettingsGroup>
      <AfterSettings />
    </>
  );
}

const PARAMETERS_MAX = 10;

function AfterSettings() {
  const { change } = useBuilder();
  const { document } = useDocument();
  const { after, optIn } = document;
  const set = (next: FormDocument['after'], what: string | null = null) =>
    change((now) => ({ ...now, after: next }), what);
  const asking = elementsOf(document).filter(isAsking);
  return (
    <SettingsGroup
      id="form-after"
      title={optIn.on ? 'After the confirmation' : 'After sending'}
      hint={
        optIn.on && after.kind === 'message'
          ? 'After sending people read that a mail is on its way. This is what they see once they have confirmed.'
          : undefined
      }
    >
      <RadioGroup
        label="People see"
        value={after.kind}
        options={[
          { value: 'message', label: 'A message' },
          { value: 'address', label: 'A page of yours' },
        ]}
        onChange={(kind) =>
          set(kind === 'message' ? { kind, title: '', text: '' } : { kind, address: '', parameters: [] })
        }
      />
      {after.kind === 'message' && (
        <>
          <TextField
            label="Heading"
            maxLength={200}
            placeholder={textOf(document, optIn.on ? 'confirmed' : 'thanks')}
            value={after.title}
            onChange={(title) => set({ ...after, title }, 'after title')}
          />
          <TextArea
            label="Text"
            maxLength={2_000}
            value={after.text}
            onChange={(text) => set({ ...after, text }, 'after text')}
            help={`Empty: “${textOf(document, optIn.on ? 'confirmedText' : 'received')}”`}
          />
        </>
      )}
      {after.kind === 'address' && (
        <>
          <WebAddressField
            label="Address"
            value={after.address}
            onChange={(address) => set({ ...after, address }, 'after address')}
          />
          <fieldset className="flex flex-col gap-2">
            <legend className="text-[13px] font-medium">Answers that the address is given</legend>
            {after.parameters.map((parameter, at) => (
              <div key={at} className="flex items-end gap-1">
                <div className="min-w-0 flex-1">
                  <DraftField
                    label="Parameter"
                    value={parameter.name}
                    show={(name) => name}
                    read={(text) =>
                      /^[A-Za-z][A-Za-z0-9_-]{0,39}$/.test(text.trim())
                        ? { value: text.trim() }
                        : { problem: 'Use letters, digits, - and _, and begin with a letter.' }
                    }
                    onChange={(name) =>
                      set(
                        { ...after, parameters: after.parameters.with(at, { ...parameter, name }) },
                        `parameter ${at}`,
                      )
                    }
                  />
                </div>
                <div className="min-w-0 flex-1">
                  <Select
                    label="The answer to"
                    value={parameter.elementId}
                    options={asking.map((element) => ({ value: element.id, label: labelOf(element) || element.id }))}
                    onChange={(elementId) =>
                      set({ ...after, parameters: after.parameters.with(at, { ...parameter, elementId }) })
                    }
                  />
                </div>
                <IconButton
                  label={`Remove the parameter ${parameter.name}`}
                  onPress={() => set({ ...after, parameters: after.parameters.toSpliced(at, 1) })}
                >
                  <Trash2 aria-hidden className="size-4" />
                </IconButton>
              </div>
            ))}
            {after.parameters.length < PARAMETERS_MAX && asking.length > 0 && (
              <div>
                <Button
                  size="small"
                  onPress={() =>
                    set({
                      ...after,
                      parameters: [...after.parameters, { name: freeName(after.parameters), elementId: asking[0]!.id }],
                    })
                  }
                >
                  <Plus aria-hidden className="size-4" /> Add a parameter
                </Button>
              </div>
            )}
          </fieldset>
        </>
      )}
    </SettingsGroup>
  );
}

function freeName(parameters: readonly { name: string }[]): string {
  const taken = new Set(parameters.map(({ name }) => name));
  let number = 1;
  while (taken.has(`answer${number}`)) number += 1;
  return `answer${number}`;
}
