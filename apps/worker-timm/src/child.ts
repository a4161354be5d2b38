import { runChild } from '@lensgate/worker-kit/child';
import { families } from './families/index.js';

runChild({ families });
