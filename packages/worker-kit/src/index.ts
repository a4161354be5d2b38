export * from './config.js';
export * from './worker.js';
export * from './worker-parts.js';
