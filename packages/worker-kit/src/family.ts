/** What a family is written with. Free of native modules, so that a worker's parent process can list its families. */
export type { Words } from '@lensgate/contracts';
export * from './child/answer.js';
export * from './child/family.js';
export * from './child/json-metadata.js';
export type { OnnxFacts } from './child/onnx-file.js';
export * from './child/picture-input.js';
export * from './child/predicted-boxes.js';
export * from './child/predicted-classes.js';
export * from './child/python-literal.js';
export * from './child/unreadable-config.js';
