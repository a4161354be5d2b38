import { settleV8 } from '@lensgate/http-kit/settle-v8';

settleV8();
await import('./run.js');
