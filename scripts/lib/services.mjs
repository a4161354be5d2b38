import { dirname } from 'node:path';

/** Folder of the repository. */
export const root = dirname(dirname(import.meta.dirname));

/**
 * @typedef {object} Service
 * @property {string} name as logs, images and Railway call it
 * @property {'gateway' | 'worker'} role
 * @property {string} workspace folder of its workspace, from the root
 * @property {string} entry compiled main, from the root
 * @property {string} portVariable what names its port when all run on one machine; alone, each reads PORT
 * @property {number} portDefault
 * @property {string} [urlVariable] what tells the gateway where the worker is
 * @property {string} [framework]
 * @property {readonly string[]} folders what else it reads at run time, beside its packages and models
 */

/**
 * @param {string} framework
 * @param {number} portDefault
 * @returns {Service & { urlVariable: string, framework: string }}
 */
const worker = (framework, portDefault) => ({
  name: `worker-${framework}`,
  role: 'worker',
  workspace: `apps/worker-${framework}`,
  entry: `apps/worker-${framework}/dist/main.js`,
  portVariable: `${framework.toUpperCase()}_PORT`,
  portDefault,
  urlVariable: `${framework.toUpperCase()}_SERVICE_URL`,
  framework,
  folders: [],
});

/** @type {Service} */
export const gateway = {
  name: 'gateway',
  role: 'gateway',
  workspace: 'apps/gateway',
  entry: 'apps/gateway/dist/main.js',
  portVariable: 'PORT',
  portDefault: 8000,
  folders: ['apps/web/dist'],
};

export const workers = [worker('timm', 8001), worker('ultralytics', 8002), worker('huggingface', 8003)];

/** @type {readonly Service[]} */
export const services = [gateway, ...workers];

/**
 * @param {string | undefined} name
 * @throws Error that lists the names there are
 */
export function serviceNamed(name) {
  const service = services.find((each) => each.name === name);
  if (!service) throw new Error(`There is no service '${name}': ${services.map((each) => each.name).join(', ')}.`);
  return service;
}
