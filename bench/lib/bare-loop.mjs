// What `openPictureRun` runs, in one process with nothing around it.
import { readFile } from 'node:fs/promises';
import { openPictureRun } from './picture-run.mjs';
import { serveTimes } from './timed-loop.mjs';

const [modelPath = '', picturePath = '', inputSidePx = '', threads = '1'] = process.argv.slice(2);
const picture = await readFile(picturePath);
const run = await openPictureRun({ modelPath, inputSidePx: Number(inputSidePx), threads: Number(threads) });

serveTimes(() => run(picture));
