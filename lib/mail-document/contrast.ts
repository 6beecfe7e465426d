// How well a colour can be read on another one.

/** The contrast ratio of WCAG 2, from 1 to 21; undefined if one of them is no colour. */
export function contrastOf(text: string, ground: string): number | undefined {
  const [one, two] = [luminance(text), luminance(ground)];
  if (one === undefined || two === undefined) return undefined;
  return (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
}

function luminance(colour: string): number | undefined {
  if (!/^#[0-9a-f]{6}$/i.test(colour)) return undefined;
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
