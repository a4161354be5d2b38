import { watchParent } from './watchdog.js';

watchParent();
