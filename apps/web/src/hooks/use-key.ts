import { useSyncExternalStore } from 'react';
import { keyOfTab, onKeyChange } from '../api/key.js';

/** Whether this tab has a key that it sends. */
export const useHasKey = (): boolean => useSyncExternalStore(onKeyChange, keyOfTab) !== null;
