'use client';
// The one toolbar of the editor: it stays above the canvas, and is about the text with the cursor.
import { useEditorState, type Editor } from '@tiptap/react';
import clsx from 'clsx';
import { Bold, Italic, Keyboard, Link2, Redo2, Underline, Undo2, UserRound } from 'lucide-react';
import { useState, type ReactNode, type Ref } from 'react';
import {
  Button as AriaButton,
  Dialog,
  DialogTrigger,
  Popover,
  Separator,
  ToggleButton,
  Toolbar,
} from 'react-aria-components';
import { Kbd } from '@/components/ui/display';
import { popoverClass } from '@/components/ui/popover-class';
import { Tip } from './tip';
import { LinkForm } from './link-form';
import { VariableForm } from './variable-form';
import type { VariableAttrs } from './variable-node';

type Props = {
  text: { editor: Editor; plain: boolean } | null;
  canUndo: boolean;
  canRedo: boolean;
  onUndo: () => void;
  onRedo: () => void;
  ref: Ref<HTMLDivElement>;
  children: ReactNode;
};

const tool =
  'inline-flex h-8 min-w-8 items-center justify-center gap-1.5 rounded-md px-1.5 text-[13px] font-medium hover:bg-hover disabled:opacity-35 data-[selected]:bg-accent-soft data-[selected]:text-accent-ink';

export function EditorToolbar({ text, canUndo, canRedo, onUndo, onRedo, ref, children }: Props) {
  const editor = text?.editor ?? null;
  const plain = text?.plain ?? true;
  const state = useEditorState({
    editor,
    selector: ({ editor: of }) =>
      of && !of.isDestroyed
        ? {
            bold: of.isActive('bold'),
            italic: of.isActive('italic'),
            underline: of.isActive('underline'),
            link: of.isActive('link') ? String(of.getAttributes('link').href ?? '') : null,
            variable: of.isActive('variable') ? (of.getAttributes('variable') as VariableAttrs) : null,
            isEmpty: of.state.selection.empty,
          }
        : null,
  });
  const run = (name: 'toggleBold' | 'toggleItalic' | 'toggleUnderline') => editor?.chain().focus()[name]().run();
  const marks = [
    { name: 'toggleBold', label: 'Bold', keys: 'Ctrl+B', Icon: Bold, on: state?.bold },
    { name: 'toggleItalic', label: 'Italic', keys: 'Ctrl+I', Icon: Italic, on: state?.italic },
    { name: 'toggleUnderline', label: 'Underline', keys: 'Ctrl+U', Icon: Underline, on: state?.underline },
  ] as const;
  return (
    <Toolbar
      ref={ref}
      aria-label="Editing"
      className="bg-surface border-line sticky top-0 z-30 flex flex-wrap items-center gap-0.5 rounded-lg border p-1 shadow-sm"
    >
      <Tip label="Undo (Ctrl+Z)">
        <AriaButton aria-label="Undo" isDisabled={!canUndo} onPress={onUndo} className={tool}>
          <Undo2 aria-hidden className="size-4" />
        </AriaButton>
      </Tip>
      <Tip label="Redo (Ctrl+Shift+Z)">
        <AriaButton aria-label="Redo" isDisabled={!canRedo} onPress={onRedo} className={tool}>
          <Redo2 aria-hidden className="size-4" />
        </AriaButton>
      </Tip>
      <Line />
      {marks.map(({ name, label, keys, Icon, on }) => (
        <Tip key={name} label={`${label} (${keys})`}>
          <ToggleButton
            aria-label={label}
            isDisabled={plain}
            isSelected={on ?? false}
            onChange={() => run(name)}
            className={tool}
          >
            <Icon aria-hidden className="size-4" />
          </ToggleButton>
        </Tip>
      ))}
      <Asking
        label="Link"
        tip="Link the marked words"
        isDisabled={plain || (state?.isEmpty !== false && state?.link == null)}
        isOn={state?.link != null}
        button={<Link2 aria-hidden className="size-4" />}
      >
        {(close) => (
          <LinkForm
            address={state?.link ?? ''}
            onSave={(href) => {
              close();
              editor?.chain().focus().extendMarkRange('link').setLink({ href }).run();
            }}
            onRemove={
              state?.link == null
                ? undefined
                : () => {
                    close();
                    editor?.chain().focus().extendMarkRange('link').unsetLink().run();
                  }
            }
          />
        )}
      </Asking>
      <Asking
        label={state?.variable ? 'Change the value' : 'Personalise'}
        tip="Insert a value of the person, such as the first name"
        isDisabled={editor === null}
        isOn={state?.variable != null}
        button={
          <>
            <UserRound aria-hidden className="size-4" />
            <span className="hidden @min-[30rem]:inline">{state?.variable ? 'Change the value' : 'Personalise'}</span>
          </>
        }
      >
        {(close) => (
          <VariableForm
            value={state?.variable ?? null}
            onSave={(attrs) => {
              close();
              if (!editor) return;
              const chain = editor.chain().focus();
              if (state?.variable) chain.updateAttributes('variable', attrs).run();
              else chain.insertContent({ type: 'variable', attrs }).run();
            }}
          />
        )}
      </Asking>
      <span className="flex-1" />
      <Asking
        label="Keys"
        tip="Keys of the editor"
        isOn={false}
        button={<Keyboard aria-hidden className="size-4" />}
        wide
      >
        {() => <Keys />}
      </Asking>
      {children}
    </Toolbar>
  );
}

const Line = () => <Separator orientation="vertical" className="bg-line mx-1 h-5 w-px" />;

type AskingProps = {
  label: string;
  tip: string;
  isDisabled?: boolean;
  isOn: boolean;
  button: ReactNode;
  children: (close: () => void) => ReactNode;
  wide?: boolean;
};

/** A button with a small form. */
function Asking({ label, tip, isDisabled, isOn, button, children, wide }: AskingProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <DialogTrigger isOpen={isOpen} onOpenChange={setOpen}>
      <Tip label={tip}>
        <AriaButton
          aria-label={label}
          isDisabled={isDisabled}
          className={clsx(tool, isOn && 'bg-accent-soft text-accent-ink')}
        >
          {button}
        </AriaButton>
      </Tip>
      <Popover placement="bottom" className={`${popoverClass} ${wide ? 'w-80' : 'w-72'} max-w-[calc(100vw-1.5rem)]`}>
        <Dialog aria-label={label} className="outline-none">
          {children(() => setOpen(false))}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

const KEYS: [string[], string][] = [
  [['Alt', 'F10'], 'From the text to this toolbar'],
  [['Esc'], 'From the text to its block'],
  [['↑', '↓'], 'To the block before or after'],
  [['Enter'], 'Into the block'],
  [['Alt', 'Shift', '↑ ↓'], 'Move the block'],
  [['Ctrl', 'Enter'], 'Add a block below'],
  [['Ctrl', 'D'], 'Copy the block'],
  [['Delete'], 'Remove the block'],
  [['Ctrl', 'Z'], 'Undo'],
];

function Keys() {
  return (
    <dl className="grid grid-cols-[max-content_1fr] items-baseline gap-x-3 gap-y-1.5 text-[13px]">
      {KEYS.map(([keys, what]) => (
        <div key={what} className="contents">
          <dt className="flex gap-1">
            {keys.map((key) => (
              <Kbd key={key}>{key}</Kbd>
            ))}
          </dt>
          <dd>{what}</dd>
        </div>
      ))}
    </dl>
  );
}
