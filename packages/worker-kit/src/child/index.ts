export { runChild } from './child-main.js';
