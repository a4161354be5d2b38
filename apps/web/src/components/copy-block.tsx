import { useEffect, useRef, useState } from 'react';
import { useTexts } from '../hooks/use-language.js';

const confirmationMs = 2_000;

/** A text to be read and copied. */
export function CopyBlock({ text }: { text: string }) {
  const texts = useTexts();
  const block = useRef<HTMLPreElement>(null);
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setIsCopied(false), confirmationMs);
    return () => clearTimeout(timer);
  }, [isCopied]);

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setIsCopied(true);
    } catch {
      // There is no clipboard on pages without HTTPS; the selected text can be copied by hand.
      if (block.current) window.getSelection()?.selectAllChildren(block.current);
    }
  };
  return (
    <div className="copy-block">
      <button type="button" onClick={copy}>
        <span aria-live="polite">{isCopied ? texts.copied : texts.copy}</span>
      </button>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a text that scrolls must be reachable by keyboard */}
      <pre ref={block} tabIndex={0}>
        {text}
      </pre>
    </div>
  );
}
