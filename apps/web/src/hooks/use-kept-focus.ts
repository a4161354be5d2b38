import { type RefObject, useEffect } from 'react';

/**
 * Takes the keyboard's focus to a part of the page when what had it there is gone: a browser would let it fall to the
 * page's start.
 * @param part must be focusable, with a `tabIndex` of -1 for instance
 */
export function useKeptFocus(part: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const element = part.current;
    if (!element) return;
    let wasInside = false;
    const note = ({ target }: Event) => {
      wasInside = target instanceof Node && element.contains(target);
    };
    const stop = new AbortController();
    document.addEventListener('focusin', note, { signal: stop.signal });
    // A press on something that takes no focus gives it up.
    document.addEventListener('pointerdown', note, { signal: stop.signal });
    const observer = new MutationObserver(() => {
      if (wasInside && document.activeElement === document.body) element.focus({ preventScroll: true });
    });
    observer.observe(element, { childList: true, subtree: true });
    return () => {
      stop.abort();
      observer.disconnect();
    };
  }, [part]);
}
