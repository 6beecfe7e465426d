'use client';
// The keyboard shortcuts, behind `?`.
import { Dialog } from '@/components/ui/dialog';
import { Kbd } from '@/components/ui/display';

const SHORTCUTS: [string, string][] = [
  ['Ctrl K', 'Go to a person, tag, page or anything else by name'],
  ['g h', 'Home (then p: profiles, t: tags, s: segments, m: messages, f: forms, w: flows, i: imports, a: activity)'],
  ['/', 'Search on the page (↓ or Enter: to the results)'],
  ['n', 'New profile, segment or tag'],
  ['t', 'Edit the tags of the open profile, of the selection or of the row'],
  ['[ ]', 'Previous and next profile of the list'],
  ['↑ ↓', 'Move in a table (profiles: also j and k)'],
  ['Enter', 'Open the row'],
  ['x', 'Select the row'],
  ['a', 'When the page is selected: select all that match'],
  ['e', 'Edit the open segment'],
  ['Ctrl Z', 'Undo in an editor or a builder (Ctrl Y: redo)'],
  ['+', 'Add a step after the card of a flow (below its canvas: all its keys)'],
  ['f', 'Mark the tag in the row as a favourite'],
  ['h', 'Hide the tag in the row (Settings)'],
  ['F6', 'Go to the newest notification, and back'],
  ['?', 'Show this list'],
];

export function ShortcutsDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return (
    <Dialog title="Keyboard shortcuts" isOpen={isOpen} onClose={onClose}>
      <dl className="grid grid-cols-[5rem_1fr] gap-y-2">
        {SHORTCUTS.map(([keys, what]) => (
          <div key={keys} className="contents">
            <dt>
              <Kbd>{keys}</Kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
