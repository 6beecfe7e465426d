// The plain-text part of a mail, from the document itself.
import { htmlTree } from './html-tree';
import { writePlain } from './html-write';
import { NETWORK_NAMES, type Block, type Brand, type MailDocument } from './schema';
import type { FooterWords } from './markup';
import { constant, onlyFor, plainText, type TemplateParts } from './template';

function paragraph(block: Block, parts: TemplateParts): string {
  switch (block.kind) {
    case 'heading':
      return parts.text(block.line);
    case 'text': {
      const starts = (index: number) =>
        block.list === 'none' ? '' : block.list === 'bullets' ? '- ' : `${index + 1}. `;
      return block.lines
        .map((line, index) => `${starts(index)}${parts.text(line)}`)
        .join(block.list === 'none' ? '\n\n' : '\n');
    }
    case 'image': {
      if (block.source === '') return '';
      if (block.link === null) return constant(block.alt);
      return `${constant(block.alt)} <${parts.link(block.link, block.alt || 'Image')}>`.trim();
    }
    case 'button':
      if (block.link === '') return parts.plain(block.label);
      return `${parts.plain(block.label)}: ${parts.link(block.link, plainText(block.label) || 'Button')}`;
    case 'divider':
      return '----------';
    case 'social':
      return block.links
        .filter(({ link }) => link !== '')
        .map(({ network, link }) => `${NETWORK_NAMES[network]}: ${parts.link(link, NETWORK_NAMES[network])}`)
        .join('\n');
    case 'html':
      return writePlain(htmlTree(block.source).nodes, {
        words: constant,
        value: (value) => parts.value(value),
        link: (address, place) => parts.link(address, place),
      });
    case 'columns':
      return block.columns
        .flat()
        .map((item) => whole(item, parts))
        .join('');
    case 'footer':
      return block.lines.map((line) => parts.text(line)).join('\n');
  }
}

/** A block with the empty line that follows it, all of it only for those who see it. */
const whole = (block: Block, parts: TemplateParts): string => {
  const written = paragraph(block, parts);
  return written === '' ? '' : onlyFor(block.onlyFor, block.kind === 'columns' ? written : `${written}\n\n`);
};

/** The text with placeholders. */
export function toPlainPart(document: MailDocument, parts: TemplateParts, brand: Brand, words: FooterWords): string {
  const footers = document.blocks.filter(({ kind }) => kind === 'footer');
  const body = document.blocks.filter(({ kind }) => kind !== 'footer').map((block) => whole(block, parts));
  return [
    ...body,
    '--\n',
    ...footers.map((block) => whole(block, parts)),
    ...(brand.sentBy === '' ? [] : [`${constant(brand.sentBy)}\n\n`]),
    `${words.unsubscribe}: {{ unsubscribe_url }}\n`,
    `${words.preferences}: {{ preferences_url }}\n`,
    `${words.view}: {{ view_url }}\n`,
  ].join('');
}
