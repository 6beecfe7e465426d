'use client';
// What can be done with a whole flow, as a menu.
import { CircleStop, Copy, History, Pause, Play, Trash2 } from 'lucide-react';
import type { MenuEntry } from '@/components/ui/menu';
import type { FlowRow } from '@/lib/flows/queries';
import type { WholeFlow } from './use-whole-flow';

type Ways = { beforeCopy?: () => Promise<boolean>; onVersions?: () => void; onDeleted: () => void };

/** What can be done with a flow in its state. `beforeCopy`: false, and it is not copied. */
export function wholeEntries(
  flow: Pick<FlowRow, 'id' | 'name' | 'state' | 'inside'>,
  { pause, resume, askStop, copy, remove }: WholeFlow,
  { beforeCopy, onVersions, onDeleted }: Ways,
): MenuEntry[] {
  const isOn = flow.state === 'live' || flow.state === 'paused';
  const copyIt = async () => {
    if ((await beforeCopy?.()) ?? true) await copy(flow.id);
  };
  return [
    ...(flow.state === 'live' ? [entry('pause', 'Pause', Pause, () => void pause(flow))] : []),
    ...(flow.state === 'paused' ? [entry('resume', 'Go on', Play, () => void resume(flow))] : []),
    ...(onVersions ? [entry('versions', 'Versions…', History, onVersions)] : []),
    entry('copy', 'Make a copy', Copy, () => void copyIt()),
    'line',
    isOn
      ? entry('stop', 'Stop…', CircleStop, () => askStop(flow), true)
      : entry('delete', 'Delete', Trash2, () => void remove(flow, onDeleted), true),
  ];
}

function entry(id: string, text: string, Icon: typeof Copy, onAction: () => void, danger = false): MenuEntry {
  return {
    id,
    text,
    danger,
    onAction,
    label: (
      <>
        <Icon aria-hidden className={danger ? 'size-4' : 'text-muted size-4'} /> {text}
      </>
    ),
  };
}
