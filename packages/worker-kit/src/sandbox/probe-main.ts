import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';

/**
 * A process of its own that is started as a child would be. Checks that it can read the places that its arguments name,
 * and says what it could do besides.
 */
for (const path of process.argv.slice(2)) {
  accessSync(path, constants.R_OK);
  if (!statSync(path).isDirectory()) continue;
  for (const name of readdirSync(path)) if (name.endsWith('.onnx')) accessSync(join(path, name), constants.R_OK);
}
const seen = {
  interfaces: Object.keys(networkInterfaces()).length,
  // Node has no such object where its permission model is off.
  mayWrite: process.permission?.has('fs.write') ?? true,
};
process.stdout.write(JSON.stringify(seen));
