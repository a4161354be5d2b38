/** What a child needs at run time: no schemas, whose library would be half of what its process holds and of its start. */
export * from './default-options.js';
export * from './failure.js';
