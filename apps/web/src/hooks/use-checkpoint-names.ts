import { useEffect, useState } from 'react';
import { type CheckpointNames, checkpointNames } from '../api/checkpoint-names.js';
import { useLanguage } from './use-language.js';

/**
 * The class names in the file of the checkpoint that has answered.
 * @param sha256 undefined before the first answer; the names are fetched already, so that they are there with it
 */
export function useCheckpointNames(jobId: number, sha256: string | undefined): readonly string[] | null | undefined {
  const [known, setKnown] = useState<{ jobId: number; names: CheckpointNames }>();
  const { language } = useLanguage();
  const names = known?.jobId === jobId ? known.names : undefined;
  // A checkpoint that was uploaded after they were fetched.
  const unknown = names && sha256 !== undefined && !names.has(sha256) ? sha256 : undefined;

  // biome-ignore lint/correctness/useExhaustiveDependencies: a checkpoint that is not known asks again, another language does not
  useEffect(() => {
    if (names && unknown === undefined) return;
    const breakOff = new AbortController();
    checkpointNames(jobId, { language, signal: breakOff.signal }).then(
      (fetched) => setKnown({ jobId, names: fetched }),
      () => {},
    );
    return () => breakOff.abort();
  }, [jobId, unknown]);

  return sha256 === undefined ? undefined : names?.get(sha256);
}
