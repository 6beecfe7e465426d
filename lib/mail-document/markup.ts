// A document as MJML, which makes HTML of it that Outlook, Gmail and phones show right.
import {
  COLUMN_PADDING,
  CONTENT_WIDTH,
  fontsOf,
  FOOTER_COLOUR,
  FOOTER_SIZE,
  HEADING_SIZES,
  LINE_COLOUR,
  TEXT_SIZE,
} from './look';
import { htmlTree } from './html-tree';
import { writeHtml } from './html-write';
import {
  NETWORK_NAMES,
  OWN_PICTURE,
  type Block,
  type Brand,
  type Inline,
  type MailDocument,
  type Single,
} from './schema';
import { constant, escapeHtml, onlyFor, plainText, type TemplateParts } from './template';

/** The words of the links that every mail ends with. */
export type FooterWords = { unsubscribe: string; preferences: string; view: string };

const attributes = (values: Record<string, string | number | undefined>): string =>
  Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${value}"`)
    .join('');

const raw = (template: string) => `<mj-raw>${template}</mj-raw>`;

/** An uploaded picture comes from the host of the other links. */
const pictureAddress = (source: string): string =>
  OWN_PICTURE.test(source) ? `{{ origin }}${source}` : constant(escapeHtml(source));

/** A block within a column; its width in pixels. */
function single(block: Single, parts: TemplateParts, brand: Brand, width: number): string {
  const [open, close] = conditionOf(block);
  return `${open}${element(block, parts, brand, width)}${close}`;
}

/** What comes before and after something that not everybody sees. */
function conditionOf(block: Block): [string, string] {
  if (block.onlyFor === null) return ['', ''];
  const [before, after] = onlyFor(block.onlyFor, '\0').split('\0');
  return [raw(before!), raw(after!)];
}

function element(block: Single, parts: TemplateParts, brand: Brand, width: number): string {
  switch (block.kind) {
    case 'heading': {
      const tag = `h${block.level}`;
      const size = HEADING_SIZES[block.level];
      const style = `margin:0;font-size:${size}px;line-height:1.25;font-weight:700`;
      return text(block.align, `<${tag} style="${style}">${parts.html(block.line)}</${tag}>`);
    }
    case 'text':
      return text(block.align, paragraphs(block.lines, block.list, parts));
    case 'image':
      if (block.source === '') return '';
      return `<mj-image${attributes({
        src: pictureAddress(block.source),
        alt: constant(escapeHtml(block.alt)),
        width: `${Math.min(block.width, width)}px`,
        align: block.align,
        href: block.link === null ? undefined : parts.link(block.link, block.alt || 'Image'),
        padding: `8px ${COLUMN_PADDING}px`,
      })}></mj-image>`;
    case 'button':
      return `<mj-button${attributes({
        href: block.link === '' ? undefined : parts.link(block.link, plainText(block.label) || 'Button'),
        align: block.align,
        'background-color': brand.accent,
        color: brand.onAccent,
        'border-radius': '6px',
        'font-size': '16px',
        'font-weight': 600,
        'inner-padding': '12px 24px',
        padding: `12px ${COLUMN_PADDING}px`,
      })}>${parts.plainHtml(block.label)}</mj-button>`;
    case 'divider':
      return `<mj-divider border-width="1px" border-color="${LINE_COLOUR}" padding="16px ${COLUMN_PADDING}px"></mj-divider>`;
    case 'social':
      return text(
        'center',
        block.links
          .filter(({ link }) => link !== '')
          .map(
            ({ network, link }) =>
              `<a href="${parts.link(link, NETWORK_NAMES[network])}">${NETWORK_NAMES[network]}</a>`,
          )
          .join(' &nbsp;·&nbsp; '),
      );
    case 'html': {
      const html = writeHtml(htmlTree(block.source).nodes, {
        words: (words) => constant(escapeHtml(words)),
        value: (value) => parts.value(value),
        link: (address, place) => parts.link(address, place),
        picture: pictureAddress,
      });
      const padding = block.wide ? '0' : `8px ${COLUMN_PADDING}px`;
      return html === '' ? '' : `<mj-text${attributes({ padding })}>${html}</mj-text>`;
    }
  }
}

const text = (align: string, html: string) =>
  `<mj-text${attributes({ align, padding: `8px ${COLUMN_PADDING}px` })}>${html}</mj-text>`;

function paragraphs(
  lines: readonly (readonly Inline[])[],
  list: 'none' | 'bullets' | 'numbers',
  parts: TemplateParts,
): string {
  if (list === 'none')
    return lines
      .map((line, index) => {
        const margin = index === lines.length - 1 ? '0' : '0 0 12px';
        return `<p style="margin:${margin}">${parts.html(line)}</p>`;
      })
      .join('');
  const tag = list === 'bullets' ? 'ul' : 'ol';
  const items = lines.map((line) => `<li style="margin:0 0 4px">${parts.html(line)}</li>`).join('');
  return `<${tag} style="margin:0;padding-left:24px">${items}</${tag}>`;
}

const section = (content: string, background: string | undefined) =>
  `<mj-section${attributes({ 'background-color': background, padding: '0' })}>${content}</mj-section>`;

/** Blocks as sections: those between columns share one, as each costs a kilobyte. */
function sections(blocks: readonly Block[], parts: TemplateParts, brand: Brand): string {
  let written = '';
  let together = '';
  const end = () => {
    if (together !== '') written += section(`<mj-column>${together}</mj-column>`, brand.paper);
    together = '';
  };
  for (const block of blocks) {
    if (block.kind === 'footer') continue;
    if (block.kind !== 'columns') {
      together += single(block, parts, brand, CONTENT_WIDTH - 2 * COLUMN_PADDING);
      continue;
    }
    end();
    const [open, close] = conditionOf(block);
    const width = Math.floor(CONTENT_WIDTH / block.columns.length) - 2 * COLUMN_PADDING;
    const columns = block.columns
      .map((column) => `<mj-column>${column.map((item) => single(item, parts, brand, width)).join('')}</mj-column>`)
      .join('');
    written += `${open}${section(columns, brand.paper)}${close}`;
  }
  end();
  return written;
}

/** The brand's logo, above everything. */
function logo({ logo: shown, paper }: Brand, parts: TemplateParts): string {
  if (shown === null) return '';
  const image = `<mj-image${attributes({
    src: pictureAddress(shown.source),
    alt: constant(escapeHtml(shown.alt)),
    width: `${Math.min(shown.width, CONTENT_WIDTH - 2 * COLUMN_PADDING)}px`,
    align: 'center',
    href: shown.link === null ? undefined : parts.link(shown.link, 'Logo'),
    padding: `24px ${COLUMN_PADDING}px 8px`,
  })}></mj-image>`;
  return section(`<mj-column>${image}</mj-column>`, paper);
}

/** What every mail ends with: the document's footer, and the links that nobody can leave out. */
function footer(document: MailDocument, parts: TemplateParts, brand: Brand, words: FooterWords): string {
  const own = document.blocks
    .filter((item) => item.kind === 'footer')
    .map((item) => {
      const lines = item.lines.map((line) => parts.html(line)).join('<br>');
      return onlyFor(item.onlyFor, `<p style="margin:0 0 8px">${lines}</p>`);
    })
    .join('');
  const link = (name: string, label: string) => `<a href="{{ ${name} }}">${escapeHtml(label)}</a>`;
  const links = [
    link('unsubscribe_url', words.unsubscribe),
    link('preferences_url', words.preferences),
    link('view_url', words.view),
  ].join(' &nbsp;·&nbsp; ');
  const sentBy = constant(escapeHtml(brand.sentBy)).replaceAll('\n', '<br>');
  const sender = sentBy === '' ? '' : `<p style="margin:0 0 8px">${sentBy}</p>`;
  const html = `<div class="footer">${own}${sender}<p style="margin:0">${links}</p></div>`;
  return section(
    `<mj-column><mj-text align="center" font-size="${FOOTER_SIZE}px" color="${FOOTER_COLOUR}" padding="24px ${COLUMN_PADDING}px">${html}</mj-text></mj-column>`,
    undefined,
  );
}

/** Invisible: keeps inboxes from showing the body after a short preheader. */
const PADDING = '&#847;&zwnj;&nbsp;'.repeat(60);

/** The document as MJML with placeholders. Its links and fallbacks are in `parts`. */
export function toMarkup(document: MailDocument, parts: TemplateParts, brand: Brand, words: FooterWords): string {
  const head = logo(brand, parts);
  const body = sections(document.blocks, parts, brand);
  // Outlook for Windows cannot darken pictures: a mail that has no dark colours of its own stays readable where clients invert.
  return `<mjml lang="${brand.language}">
<mj-head>
<mj-title>{{ subject }}</mj-title>
<mj-preview>{{ preheader }}${PADDING}</mj-preview>
<mj-attributes>
<mj-all font-family="${fontsOf(brand)}" color="${brand.text}" />
<mj-text font-size="${TEXT_SIZE}px" line-height="1.5" />
</mj-attributes>
<mj-raw><meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark"></mj-raw>
<mj-style>a { color: ${brand.accent}; } .footer a { color: ${FOOTER_COLOUR}; }</mj-style>
</mj-head>
<mj-body background-color="${brand.background}" width="${CONTENT_WIDTH}px">
${head}${body}
${footer(document, parts, brand, words)}
</mj-body>
</mjml>`;
}
