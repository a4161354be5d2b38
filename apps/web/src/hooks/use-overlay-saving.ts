import { useEffect, useState } from 'react';
import type { InferenceRequest } from '../api/send-picture.js';
import { isSameRequest } from '../logic/same-request.js';
import { bytesOf, savedName, saveFile } from '../logic/save-file.js';
import type { Inference } from './use-inference.js';

export interface OverlaySaving {
  /** Whether an overlay was to be saved, and what is shown has become another before it was there. */
  readonly wasDropped: boolean;
  start(): void;
  stop(): void;
}

/**
 * Lets the browser save the API's overlay as soon as it is there: of the picture, job and threshold that were shown when
 * it was asked for, or not at all.
 * @param shown the request for the overlay of what is shown now
 */
export function useOverlaySaving(shown: InferenceRequest, latest: Inference['latest']): OverlaySaving {
  const [wanted, setWanted] = useState<InferenceRequest | 'dropped'>();

  useEffect(() => {
    if (!wanted || wanted === 'dropped') return;
    if (!isSameRequest(wanted, shown)) return setWanted('dropped');
    if (!latest || !isSameRequest(wanted, latest.request)) return;
    const { overlay_base64 } = latest.answer.reply;
    if (overlay_base64) saveFile(savedName(wanted.file.name, 'overlay.png'), bytesOf(overlay_base64), 'image/png');
    setWanted(undefined);
  }, [wanted, shown, latest]);

  return {
    wasDropped: wanted === 'dropped',
    start: () => setWanted(shown),
    stop: () => setWanted(undefined),
  };
}
