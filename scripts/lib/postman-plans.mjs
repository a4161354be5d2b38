// What the Postman collections add to the OpenAPI documents: variables, and the order that makes them run as a whole.

const workingDirectory =
  "Files are named from the repository's root: make it Postman's working directory (Settings, General), or choose files of your own. Set api_key where the service wants a key.";

/** @type {import('./postman-collection.mjs').Plan} */
export const gatewayPlan = {
  name: 'Lensgate',
  description: `Every operation of the gateway. Runs as a whole from top to bottom and removes what it has made. Keys are made and revoked where api_key is the admin key, and left alone where it is empty. ${workingDirectory}`,
  variables: {
    base_url: 'http://127.0.0.1:8000',
    api_key: '',
    job_id: '20',
    // Nobody's: the collection replaces and deletes this job.
    own_job_id: '2000000001',
    created_job_id: '',
    checkpoint_id: '',
    key_id: '',
    handle: '',
    session_id: '',
    cursor: '',
  },
  bindings: {
    id: { 20: '{{job_id}}', 1001: '{{own_job_id}}', 23: '{{created_job_id}}', lg_8Zr2mQx0aBcD: '{{key_id}}' },
    training_job_id: { 20: '{{job_id}}' },
    checkpoint_id: { '01a20d1e-04ca-7408-9a28-8187030653ce': '{{checkpoint_id}}' },
    image_path: { upload_02fe5bdf39e5897cae82af668375a247: '{{handle}}' },
    session_id: { session_0073163695dcd65ece2632f992c79012: '{{session_id}}' },
    cursor: { YmVmb3JlOjIy: '{{cursor}}' },
  },
  kept: {
    listJobs: { cursor: 'body.next_cursor' },
    createKey: { key_id: 'body.id' },
    createJob: { created_job_id: 'body.id' },
    uploadCheckpoint: { checkpoint_id: 'body.checkpoints[0].id' },
    uploadImage: { handle: 'body.server_path', session_id: 'body.session_id' },
  },
  folders: ['service', 'models', 'training jobs', 'checkpoints', 'inference', 'keys'],
};

/** @type {import('./postman-collection.mjs').Plan} */
export const workerPlan = {
  name: 'A worker of Lensgate',
  description: `Every operation of a worker that runs alone, here the one of Ultralytics with the demo models built in (MODELS_DIR=models). ${workingDirectory}`,
  variables: { base_url: 'http://127.0.0.1:8002', api_key: '' },
  bindings: {},
  kept: {},
  folders: ['service', 'models', 'checkpoints', 'inference'],
};
