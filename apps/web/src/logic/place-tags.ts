/** In CSS px of the picture's frame. */
interface Box {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

export interface TagToPlace extends Box {
  readonly text: string;
}

export interface TagPlace {
  readonly left: number;
  readonly top: number;
  /** Whether it stands clear of all tags that were placed before it. */
  readonly isFree: boolean;
}

export const tagHeightPx = 18;
const paddingPx = 15;
const narrowLetterPx = 7;
/** Hangul, kana and Han are as wide as they are high. */
const wideLetterPx = 12;
const isWide = (letter: string): boolean => letter >= 'ᄀ';

/** About how wide a tag's text will be; a little too wide does no harm. */
export const tagWidthPx = (text: string): number =>
  paddingPx + [...text].reduce((sum, letter) => sum + (isWide(letter) ? wideLetterPx : narrowLetterPx), 0);

const overlap = (a: Box, b: Box): boolean => a.x1 < b.x2 && b.x1 < a.x2 && a.y1 < b.y2 && b.y1 < a.y2;

/**
 * Finds a place for each box's tag beside or in its box, within the frame, clear of the tags before it.
 * @param tags the most important first
 */
export function placeTags(
  tags: readonly TagToPlace[],
  { widthPx, heightPx }: { widthPx: number; heightPx: number },
): TagPlace[] {
  const taken: Box[] = [];
  return tags.map((tag) => {
    // A text that is wider than the picture is cut.
    const width = Math.min(tagWidthPx(tag.text), widthPx);
    const spots = [
      { left: tag.x1, top: tag.y1 - tagHeightPx },
      { left: tag.x1, top: tag.y1 },
      { left: tag.x1, top: tag.y2 },
      { left: tag.x2 - width, top: tag.y1 - tagHeightPx },
      { left: tag.x2, top: tag.y1 },
      { left: tag.x2 - width, top: tag.y2 - tagHeightPx },
      { left: tag.x1 - width, top: tag.y1 },
    ]
      .map(({ left, top }) => ({ left: Math.max(0, Math.min(left, widthPx - width)), top }))
      .filter(({ top }) => top >= 0 && top + tagHeightPx <= heightPx)
      .map((spot) => ({ ...spot, x1: spot.left, y1: spot.top, x2: spot.left + width, y2: spot.top + tagHeightPx }));
    const free = spots.find((spot) => !taken.some((other) => overlap(spot, other)));
    if (free) taken.push(free);
    const { left, top } = free ?? spots[0] ?? { left: Math.max(0, tag.x1), top: Math.max(0, tag.y1) };
    return { left, top, isFree: free !== undefined };
  });
}
