/** How our processes set V8 up; apart from the rest, so that a child need not load an HTTP server for it. */
export * from './garbage.js';
export * from './heap-growth.js';
export * from './tier-up.js';
