export { type DatabaseKind, eachDatabase, type TestDatabase } from './databases.js';
