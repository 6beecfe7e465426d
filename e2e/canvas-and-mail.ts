// What the editor's canvas shows of a mail is what is sent: the same words in the same order, each as large, as bold, in the same colour and on the same side.
import { expect, type Frame, type Page } from '@playwright/test';

type Word = { text: string; look: string };

/** The words of texts within an element, each with how it looks. */
async function looksOf(root: Page | Frame, selector: string): Promise<Word[]> {
  return root.locator(selector).evaluateAll((roots) => {
    const found: { text: string; look: string }[] = [];
    for (const each of roots) {
      const walker = each.ownerDocument.createTreeWalker(each, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        const text = (walker.currentNode.textContent ?? '').replace(/\s+/g, ' ').trim();
        const parent = walker.currentNode.parentElement!;
        const { display, visibility } = getComputedStyle(parent);
        if (text === '' || display === 'none' || visibility === 'hidden' || parent.closest('[aria-hidden="true"]'))
          continue;
        const style = getComputedStyle(parent);
        let line = parent;
        while (getComputedStyle(line).display === 'inline' && line.parentElement) line = line.parentElement;
        const weight = Number(style.fontWeight) >= 600 ? 'bold' : 'plain';
        const decorated = (element: HTMLElement | null): boolean =>
          element !== null &&
          element !== line &&
          (/underline/.test(getComputedStyle(element).textDecorationLine) || decorated(element.parentElement));
        const side = getComputedStyle(line).textAlign.replace('-webkit-', '').replace('start', 'left');
        found.push({
          text,
          look: [
            style.fontSize,
            weight,
            style.fontStyle,
            decorated(parent) ? 'underlined' : '',
            style.color,
            side,
            style.fontFamily.split(',')[0],
          ]
            .filter(Boolean)
            .join(' '),
        });
      }
    }
    return found;
  });
}

/** Asserts that the preview, which is open, has all texts of the canvas behind it, looking alike. */
export async function expectCanvasIsMail(page: Page): Promise<void> {
  const canvas = await looksOf(page, 'section[aria-label="The mail"] [data-block-id] .ProseMirror');
  const frame = await (await page.locator('iframe[title^="Mail:"]').elementHandle()).contentFrame();
  const mail = await looksOf(frame!, 'body');
  expect(canvas.length).toBeGreaterThan(0);
  expect(mail.filter(({ text }) => canvas.some((word) => word.text === text))).toEqual(canvas);
}

const words = (text: string, more: object = {}) => ({ type: 'text', text, ...more });
const LINK = { link: 'https://example.org/more' };

/** Blocks with text of each kind, in all that can be set of them. */
export const BLOCKS_WITH_TEXT = [
  { id: 'h1', kind: 'heading', level: 1, align: 'center', line: [words('A large heading')] },
  {
    id: 'h3',
    kind: 'heading',
    level: 3,
    align: 'right',
    line: [words('A small '), words('leaning one', { marks: ['italic'] })],
  },
  {
    ...{ id: 'marks', kind: 'text', align: 'right' },
    lines: [[words('Plain words, '), words('bold ones', { marks: ['bold'] })], [words('and a link', LINK)]],
  },
  { id: 'list', kind: 'text', list: 'bullets', lines: [[words('First')], [words('Second', { marks: ['underline'] })]] },
  {
    ...{ id: 'columns', kind: 'columns' },
    columns: [
      [{ id: 'left', kind: 'text', lines: [[words('In the left column')]] }],
      [{ id: 'right', kind: 'heading', level: 2, line: [words('In the right column')] }],
    ],
  },
  { id: 'footer', kind: 'footer', lines: [[words('Why you get this, '), words('with more about it', LINK)]] },
];
