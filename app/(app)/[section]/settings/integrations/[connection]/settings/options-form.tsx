'use client';
// How contacts match, what comes along, when syncs run, and when removals wait for an answer.
import { useRouter } from 'next/navigation';
import { useState, type ReactNode } from 'react';
import { Button } from '@/components/ui/button';
import { Banner, cardClass } from '@/components/ui/display';
import { RadioGroup, Select, TextField, type Option } from '@/components/ui/field';
import { messageFor } from '@/components/ui/refusal-message';
import { useToast } from '@/components/ui/toasts';
import { useLeaveGuard } from '@/components/ui/use-leave-guard';
import { useSubmission } from '@/components/ui/use-submission';
import type { ConnectionOptions, Guard } from '@/lib/integrations/schema';
import type { ConnectionView } from '@/lib/integrations/views';
import { setOptionsAction } from '../../actions';
import type { SectionRef } from '../../words';
import { CustomRule } from './custom-rule';
import { FieldMappings, type MappableAttribute } from './field-mappings';
import { MatchRules } from './match-rules';
import { Schedule } from './schedule';

type Props = {
  section: SectionRef;
  connection: ConnectionView;
  attributes: MappableAttribute[];
  /** What a field can be compared with to find people. */
  targets: Option<string>[];
  countries: Option<string>[];
  /** The CRM can announce changes. */
  announces: boolean;
};

const GUARD: Record<keyof Guard, { label: string; help: string }> = {
  share: {
    label: 'Share of a list, in percent',
    help: 'Removals wait if a list would lose at least this share of its people, and at least as many people as the next number says.',
  },
  atLeast: {
    label: 'People of a list',
    help: 'If a list would lose fewer people than this, its removals do not wait, whatever their share.',
  },
  inAll: { label: 'People of all lists together', help: 'More removals in one sync than this wait.' },
  emptied: {
    label: 'Size of a list that is suddenly empty',
    help: 'If at least so many people have a tag through a list, and none of them is on it now, its removals wait.',
  },
};
const LIMITS = Object.keys(GUARD) as (keyof Guard)[];
const FIELDS = [
  'options.match',
  'options.custom.field',
  'options.custom.code',
  'options.country',
  ...LIMITS.map((limit) => `options.guard.${limit}`),
];

export function OptionsForm({ section, connection, attributes, targets, countries, announces }: Props) {
  const router = useRouter();
  const toast = useToast();
  const { refusal, pending, submit } = useSubmission();
  const [options, setOptions] = useState(connection.options);
  const [custom, setCustom] = useState(connection.options.custom ?? { field: '', code: '' });
  const [limits, setLimits] = useState(() => textsOf(connection.options.guard));
  const [isChanged, setChanged] = useState(false);
  useLeaveGuard(isChanged);
  const change = (part: Partial<ConnectionOptions>) => {
    setOptions({ ...options, ...part });
    setChanged(true);
  };
  const guard = Object.fromEntries(LIMITS.map((limit) => [limit, numberIn(limits[limit])]));
  const input = {
    sectionId: section.id,
    connectionId: connection.id,
    options: { ...options, guard, custom: options.match.includes('custom') ? custom : null },
  };
  const formMessage = messageFor(refusal, null, FIELDS);

  return (
    <form
      onSubmit={submit(setOptionsAction, input, ({ needsDryRun }) => {
        toast(needsDryRun ? 'Saved: the next sync begins with a dry run' : 'The settings have been saved');
        setChanged(false);
        router.refresh();
      })}
      className={`${cardClass} flex flex-col gap-8 p-4`}
    >
      <Part
        title="Finding people"
        explains="A contact that was found once is found again by its ID in the CRM. After a change here, the next sync begins with a dry run."
      >
        <MatchRules
          value={options.match}
          onChange={(match) => change({ match })}
          error={messageFor(refusal, 'options.match')}
          custom={
            <CustomRule
              slug={section.slug}
              connectionId={connection.id}
              value={custom}
              targets={targets}
              onChange={(next) => {
                setCustom(next);
                setChanged(true);
              }}
              errors={{
                field: messageFor(refusal, 'options.custom.field'),
                code:
                  messageFor(refusal, 'options.custom.code') ??
                  // The server names the first field with a problem only.
                  (refusal?.field === 'options.custom.field' && custom.code === ''
                    ? 'Choose what the field is compared with.'
                    : undefined),
              }}
            />
          }
        />
        <div id="unmatched" className="scroll-mt-20">
          <RadioGroup
            label="Contacts whom nobody here matches"
            value={options.unmatched}
            onChange={(unmatched) => change({ unmatched })}
            options={[
              { value: 'leave', label: 'Leave out', hint: 'They are counted and listed in each sync.' },
              { value: 'create', label: 'Create a profile', hint: 'With the email, mobile and fields from the CRM.' },
            ]}
          />
        </div>
        <Select
          label="Country of phone numbers without a country code"
          value={options.country ?? 'none'}
          onChange={(country) => change({ country: country === 'none' ? null : country })}
          error={messageFor(refusal, 'options.country')}
          options={[{ value: 'none', label: 'None: numbers have their country code' }, ...countries]}
        />
      </Part>
      <Part
        title="Fields"
        explains="What comes along from the CRM, besides the tags. Nothing is written to the CRM. If a field overwrites that did not before, the next sync begins with a dry run."
      >
        <FieldMappings
          slug={section.slug}
          connectionId={connection.id}
          value={options.fields}
          attributes={attributes}
          onChange={(fields) => change({ fields })}
        />
      </Part>
      <Part title="Schedule" explains="Lists are synced on schedule once somebody has looked at their dry run.">
        <Schedule value={options} tellsChanges={connection.tellsChanges} announces={announces} onChange={change} />
      </Part>
      <Part
        title="When removals wait"
        explains="A mistake in the CRM must not take tags off many people. Additions never wait."
      >
        <div className="grid gap-4 sm:grid-cols-2">
          {LIMITS.map((limit) => (
            <div key={limit} id={`guard-${limit}`} className="scroll-mt-20">
              <TextField
                {...GUARD[limit]}
                inputMode="numeric"
                value={limits[limit]}
                onChange={(text) => {
                  setLimits({ ...limits, [limit]: text });
                  setChanged(true);
                }}
                error={messageFor(refusal, `options.guard.${limit}`)}
              />
            </div>
          ))}
        </div>
      </Part>
      <Part title="Renamed lists" explains="Lists are known by their ID in the CRM, not by their name.">
        <RadioGroup
          label="If a list is renamed in the CRM"
          value={options.renamed}
          onChange={(renamed) => change({ renamed })}
          options={[
            { value: 'follow', label: 'Go on', hint: 'The tag follows the list, and the new name is offered.' },
            { value: 'stop', label: 'Stop', hint: 'The tag stays as it is until you take over the new name.' },
          ]}
        />
      </Part>
      {formMessage && <Banner tone="danger">{formMessage}</Banner>}
      <div className="flex justify-end">
        <Button type="submit" variant="primary" isPending={pending}>
          Save
        </Button>
      </div>
    </form>
  );
}

function Part({ title, explains, children }: { title: string; explains: string; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-4">
      <div>
        <h2 className="font-semibold">{title}</h2>
        <p className="text-muted text-[13px]">{explains}</p>
      </div>
      {children}
    </section>
  );
}

const textsOf = (guard: Guard) =>
  Object.fromEntries(LIMITS.map((limit) => [limit, String(guard[limit])])) as Record<keyof Guard, string>;

/** The number that a text says; otherwise the text, which the server refuses at its field. */
const numberIn = (text: string): number | string => (/^\d+$/.test(text.trim()) ? Number(text) : text);
