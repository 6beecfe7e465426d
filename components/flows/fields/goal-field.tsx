'use client';
// What a flow is for: a tag that people get, or conditions that they fit one day.
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { Select } from '@/components/ui/field';
import type { FlowDocument, FlowSettings } from '@/lib/flows/schema';
import { nodeInWords } from '@/lib/segments/words';
import type { FlowThings } from '../editor-context';
import { RulesDialog } from '../rules-dialog';
import { useFlowNames } from '../use-flow-names';
import { TagField } from './tag-field';

type Goal = FlowSettings['goal'];
type Kind = 'none' | 'tag' | 'rules';
type Props = {
  slug: string;
  document: FlowDocument;
  settings: FlowSettings;
  things: FlowThings;
  /** It is to be saved, but not chosen yet. */
  isWrong: boolean;
  onChange: (goal: Goal) => void;
  onIncomplete: (isIncomplete: boolean) => void;
};

export function GoalField({ slug, document, settings, things, isWrong, onChange, onIncomplete }: Props) {
  const { goal } = settings;
  const [kind, setKind] = useState<Kind>(goal?.kind ?? 'none');
  const [isEditing, setEditing] = useState(false);
  const names = useFlowNames(slug, things, document, settings);
  const rules = goal?.kind === 'rules' ? goal.rules : null;

  function choose(next: Kind) {
    if (next === kind) return;
    setKind(next);
    onChange(null);
    onIncomplete(next !== 'none');
  }
  function set(next: NonNullable<Goal>) {
    onChange(next);
    onIncomplete(false);
  }

  return (
    <div className="flex flex-col gap-2">
      <Select
        label="Goal"
        value={kind}
        options={[
          { value: 'none', label: 'None' },
          { value: 'tag', label: 'They have a tag' },
          { value: 'rules', label: 'They fit conditions' },
        ]}
        onChange={choose}
      />
      {kind === 'tag' && (
        <TagField
          slug={slug}
          label="Tag of the goal"
          tagId={goal?.kind === 'tag' ? goal.tagId : null}
          onChange={(tagId) => set({ kind: 'tag', tagId })}
        />
      )}
      {kind === 'rules' && (
        <div className="flex flex-col items-start gap-2">
          {rules && <p className="wrap-anywhere">Somebody {nodeInWords(rules.root, names)}</p>}
          <Button size="small" onPress={() => setEditing(true)}>
            {rules ? 'Change the conditions' : 'Choose the conditions'}
          </Button>
        </div>
      )}
      {isWrong && (
        <p role="alert" className="text-danger text-[13px]">
          Choose the goal first, or none.
        </p>
      )}
      <p className="text-muted text-[13px]">
        People who reach it leave at once and are counted; those who have reached it before do not enter.
      </p>
      {isEditing && (
        <RulesDialog
          slug={slug}
          vocabulary={things.vocabulary}
          title="Who has reached the goal"
          rules={rules}
          onDone={(next) => set({ kind: 'rules', rules: next })}
          onClose={() => setEditing(false)}
        />
      )}
    </div>
  );
}
