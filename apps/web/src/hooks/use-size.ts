import { type RefObject, useEffect, useState } from 'react';

export interface SizePx {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** The size of an element on the screen, in CSS px; undefined until it is known. */
export function useSize(element: RefObject<Element | null>): SizePx | undefined {
  const [size, setSize] = useState<SizePx>();
  useEffect(() => {
    if (!element.current) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setSize({ widthPx: entry.contentRect.width, heightPx: entry.contentRect.height });
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return size;
}
