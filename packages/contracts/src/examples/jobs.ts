import { detectorSha256 } from './results.js';

const classNames = [
  't-shirt',
  'trouser',
  'pullover',
  'dress',
  'coat',
  'sandal',
  'shirt',
  'sneaker',
  'bag',
  'ankle-boot',
];

export const demoJob = {
  id: 20,
  name: 'Wardrobe detector',
  framework: 'ultralytics',
  model_name: 'wardrobe-det',
  task_type: 'object_detection',
  num_classes: 10,
  class_names: classNames,
  dataset_path: null,
  output_dir: null,
  status: 'completed',
  created_at: '2026-11-24T10:33:14.596Z',
  updated_at: '2026-11-24T10:33:14.596Z',
};

/** What is said of an own job when it is created. */
export const ownJobInput = {
  name: 'Spring collection',
  framework: 'ultralytics',
  model_name: 'yolo11n',
  task_type: 'object_detection',
  num_classes: 10,
};

export const ownJob = {
  ...ownJobInput,
  id: 1001,
  class_names: null,
  dataset_path: null,
  output_dir: null,
  status: 'pending',
  created_at: '2026-11-24T10:33:20.659Z',
  updated_at: '2026-11-24T10:33:20.659Z',
};

/** As `ownJob`, under the next id of the gateway. */
export const createdJob = { ...ownJob, id: 23 };

export const findings = {
  family: 'yolo-detect',
  task_type: 'object_detection',
  inputs: [{ name: 'images', type: 'float32', shape: ['batch', 3, 320, 320] }],
  outputs: [{ name: 'output0', type: 'float32', shape: ['batch', 'Transposeoutput0_dim_1', 'Transposeoutput0_dim_2'] }],
  input_width: 320,
  input_height: 320,
  num_classes: 10,
  class_names: classNames,
};

export const checkpoint = {
  id: '01a20d1e-04ca-7408-9a28-8187030653ce',
  path: 'ckpt_ee3a361bebcd4966a38934f02fd43b66',
  filename: 'wardrobe-det.onnx',
  is_best: true,
  epoch: 90,
  pinned: false,
  sha256: detectorSha256,
  bytes: 1811957,
  status: 'accepted',
  findings,
  warnings: [],
  created_at: '2026-11-24T10:33:20.842Z',
};

/** As it is answered while the worker that should look into it is away. */
export const pendingCheckpoint = { ...checkpoint, status: 'pending', findings: null };
