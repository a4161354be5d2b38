export * from './config.js';
export * from './start-worker.js';
export * from './worker.js';
export * from './worker-parts.js';
