// Style and script of the reference page: inlined; only the font has an address of its own. Light and dark.

export const FONT_PATH = '/api-reference/inter.woff2';

export const STYLE = `
@font-face { font-family: 'Inter Variable'; src: url('${FONT_PATH}') format('woff2-variations'); font-weight: 100 900; font-display: swap; }
:root { color-scheme: light dark; --ground: #fff; --side: #f6f7f7; --line: #dfe4e4; --ink: #16201f; --muted: #566362; --accent: #0a5751; --code: #eef1f1; }
@media (prefers-color-scheme: dark) { :root { --ground: #171d1c; --side: #101514; --line: #2c3736; --ink: #e8eeed; --muted: #a0adab; --accent: #8ee0d6; --code: #0c100f; } }
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; font: 15px/1.55 'Inter Variable', system-ui, sans-serif; color: var(--ink); background: var(--ground); display: grid; grid-template-columns: 17rem minmax(0, 1fr); }
nav { background: var(--side); border-right: 1px solid var(--line); padding: 1rem; height: 100vh; position: sticky; top: 0; overflow-y: auto; font-size: 14px; }
nav h2 { font-size: 13px; color: var(--muted); margin: 1rem 0 .25rem; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav a { display: block; padding: .2rem .25rem; border-radius: 4px; color: var(--ink); text-decoration: none; }
nav a:hover { text-decoration: underline; }
.brand { font-weight: 600; margin: 0; }
nav .back { display: inline-block; color: var(--muted); }
main { padding: 1.5rem 2rem 6rem; max-width: 60rem; }
h1 { font-size: 1.6rem; margin: 0 0 .5rem; }
main h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; padding-top: .75rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 0; }
a { color: var(--accent); }
a:focus-visible, button:focus-visible, pre:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: .5rem; top: .5rem; background: var(--ground); padding: .5rem; z-index: 1; }
.operation { margin: 1.75rem 0; }
.call { margin: .25rem 0 .5rem; overflow-wrap: anywhere; }
.method { font-size: 12px; font-weight: 700; border: 1px solid var(--line); border-radius: 4px; padding: .1rem .35rem; }
code { font-family: ui-monospace, monospace; font-size: 13px; }
:not(pre) > code { background: var(--code); border-radius: 4px; padding: .05rem .25rem; overflow-wrap: anywhere; }
.copied { margin: .5rem 0; }
pre { background: var(--code); border: 1px solid var(--line); border-radius: 8px; padding: .75rem; overflow-x: auto; margin: .5rem 0; }
.copied pre { margin: 0; }
.copied button { display: block; margin: 0 0 .25rem auto; font: inherit; font-size: 12px; padding: .15rem .5rem; border: 1px solid var(--line); border-radius: 6px; background: var(--ground); color: var(--ink); cursor: pointer; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; font-size: 14px; }
th, td { text-align: left; vertical-align: top; padding: .35rem .5rem .35rem 0; border-bottom: 1px solid var(--line); }
.muted { color: var(--muted); font-size: 13px; }
@media (max-width: 50rem) { body { display: block; } nav { position: static; height: auto; max-height: 40vh; border-right: 0; border-bottom: 1px solid var(--line); } main { padding: 1rem; } td { overflow-wrap: anywhere; } }
`;

export const SCRIPT = `
for (const block of document.querySelectorAll('pre')) {
  const box = document.createElement('div');
  box.className = 'copied';
  block.before(box);
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Copy';
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(block.textContent);
      button.textContent = 'Copied';
    } catch {
      // The browser does not allow it.
      getSelection().selectAllChildren(block);
      button.textContent = 'Press Ctrl+C';
    }
    setTimeout(() => { button.textContent = 'Copy'; }, 2000);
  });
  if (navigator.clipboard) box.append(button);
  box.append(block);
}
`;
