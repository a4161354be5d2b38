/** Okabe & Ito's palette for colour-blind readers, in the order in which the API draws with it. */
const okabeIto = ['#e69f00', '#56b4e9', '#009e73', '#f0e442', '#0072b2', '#d55e00', '#cc79a7', '#bbbbbb'];

/** FNV-1a over UTF-16 units with a finaliser: names that differ in one letter are no neighbours. */
function hashOf(text: string): number {
  let state = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) state = Math.imul(state ^ text.charCodeAt(at), 0x01000193);
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  return (state ^ (state >>> 13)) >>> 0;
}

/**
 * A CSS colour for each class, from its name and not its index, so that it stays the same from checkpoint to
 * checkpoint. The first eight names in alphabetical order share the palette, others get a hue.
 */
export function classColours(classNames: readonly string[]): ReadonlyMap<string, string> {
  const chosen = new Map<string, string>();
  const free = new Set(okabeIto);
  for (const name of [...new Set(classNames)].sort()) {
    const hash = hashOf(name);
    const inOrder = okabeIto.map((_, step) => okabeIto[(hash + step) % okabeIto.length]!);
    const colour = inOrder.find((each) => free.has(each)) ?? hueOf(hash);
    free.delete(colour);
    chosen.set(name, colour);
  }
  return chosen;
}

function hueOf(hash: number): string {
  const lightness = [0.72, 0.6, 0.82][(hash >>> 16) % 3];
  return `oklch(${lightness} 0.16 ${(hash % 3_600) / 10})`;
}
