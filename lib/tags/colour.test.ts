// Every tag colour is readable in the light and dark themes (WCAG 2.2: contrast 4.5 for text).
import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { TAG_COLOURS } from './colour';

const CSS = fs.readFileSync('app/globals.css', 'utf8');

/** Relative luminance of `#rrggbb`. */
function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((left, right) => left - right) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** A colour's variable in the light and the dark theme. */
function variable(colour: string, name: string): [string, string] {
  const rule = new RegExp(
    `\\[data-tag-colour='${colour}'\\] \\{[^}]*--tag-${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`,
  );
  const found = rule.exec(CSS);
  if (!found) throw new Error(`app/globals.css has no ${name} of ${colour}`);
  return [found[1]!, found[2]!];
}

describe('the colours of tags', () => {
  it.each(TAG_COLOURS)('%s can be read in both themes', (colour) => {
    const [soft, ink] = [variable(colour, 'soft'), variable(colour, 'ink')];
    for (const theme of [0, 1] as const) expect(contrast(soft[theme], ink[theme])).toBeGreaterThan(4.5);
  });

  it('are ten, the same ones as in the database', () => {
    expect(TAG_COLOURS).toHaveLength(10);
    const migration = fs.readFileSync(
      'prisma/migrations/20261126100000_tag_colour_group_favourite/migration.sql',
      'utf8',
    );
    expect(/"colour" in \(([^)]*)\)/.exec(migration)![1]!.match(/\w+/g)).toEqual([...TAG_COLOURS]);
  });
});
