'use client';
// A text of the mail, edited where it stands. What it looks like comes from the block around it.
import { Bold } from '@tiptap/extension-bold';
import { Document } from '@tiptap/extension-document';
import { HardBreak } from '@tiptap/extension-hard-break';
import { Italic } from '@tiptap/extension-italic';
import { Link } from '@tiptap/extension-link';
import { Paragraph } from '@tiptap/extension-paragraph';
import { Text } from '@tiptap/extension-text';
import { Underline } from '@tiptap/extension-underline';
import { Placeholder } from '@tiptap/extensions';
import { EditorContent, useEditor } from '@tiptap/react';
import clsx from 'clsx';
import { useEffect, useRef } from 'react';
import { isLinkAddress, type Inline, type PlainLine } from '@/lib/mail-document/schema';
import { useEditorActions } from './editor-context';
import { toEditor, toLines, toPlainLine } from './rich-lines';
import { VariableNode } from './variable-node';

type Kind =
  /** A subject, or the text of a button: no marks. */
  | 'plain'
  /** A heading: one line with marks. */
  | 'line'
  /** Paragraphs. */
  | 'lines';

type Props = {
  label: string;
  placeholder: string;
  className?: string;
  /** Enter in a single line. */
  onEnter?: () => void;
} & (
  | { kind: 'plain'; value: PlainLine; onChange: (line: PlainLine) => void }
  | { kind: 'line'; value: readonly Inline[]; onChange: (line: Inline[]) => void }
  | { kind: 'lines'; value: readonly (readonly Inline[])[]; onChange: (lines: Inline[][]) => void }
);

const linesIn = (props: Props) => (props.kind === 'lines' ? props.value : [props.value]);

const OneLine = Document.extend({ content: 'paragraph' });

export function RichText(props: Props) {
  const { attributes, hidden, setText, focusToolbar } = useEditorActions();
  const { kind, label, placeholder, className } = props;
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  /** What the editor shows: anything else comes from undo, and replaces it. */
  const shown = useRef<unknown>(props.value);
  const editor = useEditor({
    immediatelyRender: false,
    shouldRerenderOnTransaction: false,
    extensions: extensionsFor(kind, placeholder, (id) => {
      const lost = hidden.attributes.find((one) => one.id === id);
      return lost ? `${lost.name} (hidden)` : (attributes.find((one) => one.id === id)?.name ?? 'Unknown');
    }),
    content: toEditor(linesIn(props)),
    editorProps: {
      attributes: {
        'aria-label': label,
        role: 'textbox',
        'aria-multiline': String(kind === 'lines'),
        class: clsx('outline-none', className),
      },
      handleKeyDown: (_view, event) => {
        if (event.altKey && event.key === 'F10') {
          focusToolbar();
          return true;
        }
        if (event.key !== 'Enter' || event.isComposing || kind === 'lines') return false;
        if (kind === 'line' && event.shiftKey) return false;
        latest.current.onEnter?.();
        return true;
      },
    },
    onUpdate: ({ editor: of }) => {
      const now = latest.current;
      const doc = of.getJSON();
      // Kept before it is told: what comes back is not written into the editor again.
      const keep = <Value,>(value: Value): Value => {
        shown.current = value;
        return value;
      };
      if (now.kind === 'plain') now.onChange(keep(toPlainLine(doc)));
      else if (now.kind === 'line') now.onChange(keep(toLines(doc).flat()));
      else now.onChange(keep(toLines(doc)));
    },
    onFocus: ({ editor: of }) => setText({ editor: of, plain: kind === 'plain' }),
  });
  useEffect(() => {
    if (!editor || shown.current === props.value) return;
    shown.current = props.value;
    const { from } = editor.state.selection;
    editor.commands.setContent(toEditor(linesIn(latest.current)), { emitUpdate: false });
    editor.commands.setTextSelection(Math.min(from, editor.state.doc.content.size));
  }, [editor, props.value]);
  return <EditorContent editor={editor} className="min-w-0" />;
}

function extensionsFor(kind: Kind, placeholder: string, nameOf: (id: number) => string) {
  const always = [Paragraph, Text, VariableNode.configure({ nameOf }), Placeholder.configure({ placeholder })];
  if (kind === 'plain') return [OneLine, ...always];
  return [
    kind === 'line' ? OneLine : Document,
    ...always,
    Bold,
    Italic,
    Underline,
    HardBreak,
    // A press selects the text: it never leads away from the editor.
    Link.configure({
      openOnClick: false,
      autolink: false,
      linkOnPaste: true,
      isAllowedUri: (address) => isLinkAddress(address),
    }),
  ];
}
