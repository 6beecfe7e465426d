'use client';
// What lets people in, and who of them.
import { Checkbox, Select } from '@/components/ui/field';
import { Labelled } from '@/components/ui/labelled';
import { Button } from '@/components/ui/button';
import type { Trigger } from '@/lib/flows/schema';
import { filterInWords } from '@/lib/flows/words';
import { useState } from 'react';
import { useEditor, useShown } from '../editor-context';
import { RulesDialog } from '../rules-dialog';
import { DataFields } from './data-fields';
import { DateFields } from './date-fields';
import { HAPPENINGS, HappeningFields, newHappening } from './happening-fields';

const KINDS: readonly { value: Trigger['kind']; label: string }[] = [
  ...HAPPENINGS,
  { value: 'date', label: 'A date comes' },
  { value: 'none', label: 'Somebody, or the API, puts them in' },
];

export function TriggerFields() {
  const { change } = useEditor();
  const { document } = useShown();
  const { trigger } = document;
  const set = (next: Trigger, what?: string) =>
    change((now) => ({ ...now, trigger: next }), what ? `trigger ${what}` : null);

  function choose(kind: Trigger['kind']) {
    if (kind === 'none') return set({ kind, data: [] });
    if (kind === 'date') return set({ kind, attributeId: null, days: 0, at: '09:00', yearly: false });
    const before = trigger && trigger.kind !== 'none' && trigger.kind !== 'date' ? trigger : null;
    set(newHappening(kind, before));
  }

  return (
    <>
      <Select
        label="People enter when"
        value={trigger?.kind ?? null}
        options={KINDS}
        placeholder="Choose what lets people in"
        onChange={choose}
      />
      {trigger?.kind === 'date' && (
        <>
          <DateFields value={trigger} onChange={(part, what) => set({ ...trigger, ...part }, what)} />
          <Checkbox isSelected={trigger.yearly} onChange={(yearly) => set({ ...trigger, yearly })}>
            Every year, as for a birthday
          </Checkbox>
        </>
      )}
      {trigger?.kind === 'none' && (
        <>
          <p className="text-muted">By hand from a profile, all at once from a segment, or by a call of the API.</p>
          <DataFields data={trigger.data} onChange={(data, what) => set({ ...trigger, data }, what)} />
        </>
      )}
      {trigger && trigger.kind !== 'date' && trigger.kind !== 'none' && (
        <HappeningFields id="trigger" value={trigger} onChange={set} />
      )}
      <FilterField />
    </>
  );
}

function FilterField() {
  const { section, things, change } = useEditor();
  const { document, names } = useShown();
  const [isEditing, setEditing] = useState(false);
  const { filter } = document;
  return (
    <Labelled label="Who enters">
      <p className="wrap-anywhere">{filter ? filterInWords(filter, names) : 'Everybody to whom it happens'}</p>
      <span className="flex flex-wrap gap-2">
        <Button size="small" onPress={() => setEditing(true)}>
          {filter ? 'Change the conditions' : 'Only some of them…'}
        </Button>
        {filter && (
          <Button size="small" variant="quiet" onPress={() => change((now) => ({ ...now, filter: null }))}>
            Everybody
          </Button>
        )}
      </span>
      {isEditing && (
        <RulesDialog
          slug={section.slug}
          vocabulary={things.vocabulary}
          title="Who enters"
          rules={filter}
          onDone={(rules) => change((now) => ({ ...now, filter: rules }))}
          onClose={() => setEditing(false)}
        />
      )}
    </Labelled>
  );
}
