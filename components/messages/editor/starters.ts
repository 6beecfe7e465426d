// Mails to start from: the usual kinds, with texts that say what to write.
import { EXAMPLES } from '@/lib/mail-document/examples';
import type { Block } from '@/lib/mail-document/schema';
import { newBlock, newBlockId } from './new-blocks';

type Of<Kind extends Block['kind']> = Extract<Block, { kind: Kind }>;

const words = (text: string) => ({ type: 'text' as const, text, marks: [], link: null });
const heading = (text: string, level: 1 | 2 | 3 = 2): Block => ({
  ...(newBlock('heading') as Of<'heading'>),
  level,
  line: [words(text)],
});
const text = (...lines: string[]): Of<'text'> => ({
  ...(newBlock('text') as Of<'text'>),
  lines: lines.map((line) => [words(line)]),
});
const image = (): Of<'image'> => newBlock('image') as Of<'image'>;
const button = (label: string): Block => ({
  ...(newBlock('button') as Of<'button'>),
  label: [{ type: 'text', text: label }],
});
const columns = (...lists: Of<'columns'>['columns']): Block => ({
  id: newBlockId(),
  onlyFor: null,
  kind: 'columns',
  columns: lists,
});
const footer = (): Block => ({
  ...(newBlock('footer') as Of<'footer'>),
  lines: [[words('You get this because you subscribed to our newsletter.')]],
});

export const STARTERS: { id: string; name: string; hint: string; make: () => Block[] }[] = [
  {
    id: 'newsletter',
    name: 'Newsletter',
    hint: 'An introduction, a large story and two small ones',
    make: () => [
      heading(EXAMPLES.headline, 1),
      text(EXAMPLES.introduction),
      image(),
      heading(EXAMPLES.largeStory),
      text(EXAMPLES.whatHappened),
      button('Read more'),
      newBlock('divider'),
      columns([image(), text(EXAMPLES.smallStory)], [image(), text(EXAMPLES.anotherStory)]),
      newBlock('social'),
      footer(),
    ],
  },
  {
    id: 'offer',
    name: 'An offer',
    hint: 'A picture, a promise and a button',
    make: () => [
      image(),
      heading(EXAMPLES.whatPeopleGet, 1),
      text(EXAMPLES.howItWorks),
      button('Take the offer'),
      footer(),
    ],
  },
  {
    id: 'invitation',
    name: 'An invitation',
    hint: 'What, when and where',
    make: () => [
      heading('You are invited', 1),
      text(EXAMPLES.whatItIsAbout),
      { ...text('When: ', 'Where: ', 'Register by: '), list: 'bullets' },
      button('Register'),
      footer(),
    ],
  },
  {
    id: 'letter',
    name: 'A letter',
    hint: 'Only words, as from one person to another',
    make: () => [text('Hi,', EXAMPLES.whatYouWantToSay, 'Best wishes'), footer()],
  },
];
