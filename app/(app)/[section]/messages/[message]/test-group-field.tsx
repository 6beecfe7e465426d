'use client';
// Chooses the test group that gets a test, and leads to making and changing groups.
import { Pencil, Plus } from 'lucide-react';
import { useState } from 'react';
import { Button, IconButton } from '@/components/ui/button';
import { Banner } from '@/components/ui/display';
import { Select } from '@/components/ui/field';
import type { SectionId, TestGroupId } from '@/lib/db/ids';
import type { TestGroup } from '@/lib/messages/test-groups-schema';
import { TestGroupDialog } from './test-group-dialog';
import { useTestGroups } from './use-test-groups';

type Props = {
  section: { id: SectionId; slug: string };
  value: TestGroupId | null;
  error?: string;
  onChange: (id: TestGroupId | null) => void;
};

export function TestGroupField({ section, value, error, onChange }: Props) {
  const { data: groups, error: unread, readAgain } = useTestGroups(section.slug);
  const [editing, setEditing] = useState<TestGroup | 'new' | null>(null);
  const chosen = groups?.find(({ id }) => id === value);
  return (
    <div className="flex flex-col gap-2">
      {unread && <Banner tone="danger">The test groups could not be read. {unread.message}</Banner>}
      {groups?.length === 0 ? (
        <p className="text-muted">
          There is no test group yet. One is a list of people of this section, such as your team, who get tests as they
          would get the message.
        </p>
      ) : (
        <div className="flex items-end gap-1">
          <div className="min-w-0 flex-1">
            <Select
              label="Test group"
              value={value === null ? null : String(value)}
              options={(groups ?? []).map(({ id, name, members }) => ({
                value: String(id),
                label: name,
                hint: members.length === 1 ? '1 person' : `${members.length} people`,
              }))}
              error={error}
              isDisabled={!groups}
              onChange={(id) => onChange(Number(id) as TestGroupId)}
            />
          </div>
          {chosen && (
            <IconButton label={`Change the test group ${chosen.name}`} onPress={() => setEditing(chosen)}>
              <Pencil aria-hidden className="size-4" />
            </IconButton>
          )}
        </div>
      )}
      {chosen && (
        <p className="text-muted text-[13px]">
          {chosen.members.length === 0 ? 'There is nobody in it.' : chosen.members.map(({ name }) => name).join(', ')}
        </p>
      )}
      <div>
        <Button size="small" onPress={() => setEditing('new')}>
          <Plus aria-hidden className="size-4" /> New test group…
        </Button>
      </div>
      {editing !== null && (
        <TestGroupDialog
          section={section}
          group={editing === 'new' ? null : editing}
          onClose={() => setEditing(null)}
          onSaved={(id) => {
            setEditing(null);
            void readAgain();
            onChange(id);
          }}
        />
      )}
    </div>
  );
}
