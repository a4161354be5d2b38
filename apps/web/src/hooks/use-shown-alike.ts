import { useEffect, useState } from 'react';
import { isShownAlike, tellingBytes } from '../logic/shown-alike.js';

/** Whether the browser shows a file as the server reads it; undefined until its first bytes are there. */
export function useShownAlike(file: File): boolean | undefined {
  const [known, setKnown] = useState<{ file: File; isAlike: boolean }>();
  useEffect(() => {
    let isCurrent = true;
    const tell = (isAlike: boolean) => isCurrent && setKnown({ file, isAlike });
    file
      .slice(0, tellingBytes)
      .arrayBuffer()
      // A file that cannot be read shows that when it is sent.
      .then(
        (head) => tell(isShownAlike(new Uint8Array(head))),
        () => tell(true),
      );
    return () => {
      isCurrent = false;
    };
  }, [file]);
  return known?.file === file ? known.isAlike : undefined;
}
