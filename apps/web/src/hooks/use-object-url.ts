import { useEffect, useState } from 'react';

/** A URL under which the page can show a file, as long as the file is the same. */
export function useObjectUrl(file: File | undefined): string | undefined {
  const [held, setHeld] = useState<{ file: File; url: string }>();
  useEffect(() => {
    if (!file) return;
    const url = URL.createObjectURL(file);
    setHeld({ file, url });
    return () => URL.revokeObjectURL(url);
  }, [file]);
  return held?.file === file ? held?.url : undefined;
}
