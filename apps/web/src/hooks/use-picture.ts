import { useCallback, useRef, useState } from 'react';
import { fetchSample, type Sample } from '../samples.js';

/** What should be said of the last choice, besides its result. */
export type ChoiceNotice =
  | { readonly kind: 'sampleFailed' }
  /** Several files came at once, of which the first was taken. */
  | { readonly kind: 'onlyFirst'; readonly count: number; readonly name: string };

export interface Picture {
  readonly file: File | undefined;
  readonly notice: ChoiceNotice | undefined;
  /** Takes the first of these; none change nothing. */
  take(files: readonly File[]): void;
  takeSample(sample: Sample): void;
}

/** The chosen picture. The last choice wins, also over a sample that was chosen before and is still on its way. */
export function usePicture(): Picture {
  const [file, setFile] = useState<File>();
  const [notice, setNotice] = useState<ChoiceNotice>();
  const onItsWay = useRef<AbortController>(undefined);

  const take = useCallback((files: readonly File[]) => {
    const [first] = files;
    if (!first) return;
    onItsWay.current?.abort();
    setFile(first);
    setNotice(files.length > 1 ? { kind: 'onlyFirst', count: files.length, name: first.name } : undefined);
  }, []);

  const takeSample = useCallback((sample: Sample) => {
    onItsWay.current?.abort();
    const breakOff = new AbortController();
    onItsWay.current = breakOff;
    setNotice(undefined);
    fetchSample(sample, breakOff.signal).then(
      (fetched) => !breakOff.signal.aborted && setFile(fetched),
      () => !breakOff.signal.aborted && setNotice({ kind: 'sampleFailed' }),
    );
  }, []);

  return { file, notice, take, takeSample };
}
