/** What the demo jobs answer for models/samples/scene-1003.png; pictures and polygons are cut. */
const picture = {
  image_width: 320,
  image_height: 320,
  warnings: [],
  image_name: 'scene-1003.png',
  preprocessing_time_ms: 3.91,
  inference_time_ms: 7.32,
  postprocessing_time_ms: 14.04,
};

/** The start of a PNG in Base64, cut. */
const base64 = 'iVBORw0KGgo…';

const boxes = {
  predicted_boxes: [
    {
      class_id: 2,
      label: 'pullover',
      confidence: 0.946656,
      bbox: [145.659, 258.5221, 78.5146, 88.4653],
      x1: 106.4016,
      y1: 214.2895,
      x2: 184.9163,
      y2: 302.7547,
      format: 'yolo',
    },
    {
      class_id: 6,
      label: 'shirt',
      confidence: 0.786661,
      bbox: [260.02, 180.1279, 55.6211, 79.4371],
      x1: 232.2094,
      y1: 140.4094,
      x2: 287.8305,
      y2: 219.8465,
      format: 'yolo',
    },
  ],
  num_detections: 2,
};

export const detectorSha256 = 'c5095bdcd23ddbb124657a09ba3e25a1bad394a0ac2c3b8ebfd76c47a80ee6e2';

export const detectionWithoutOverlay = {
  task_type: 'object_detection',
  ...picture,
  ...boxes,
  model: { name: 'wardrobe-det', checkpoint_path: 'demo_20', sha256: detectorSha256, warm: true },
};

export const detection = { ...detectionWithoutOverlay, overlay_base64: base64 };

export const segmentationWithoutOverlay = {
  task_type: 'instance_segmentation',
  ...picture,
  ...boxes,
  predicted_masks: [
    {
      instance_id: 1,
      class_id: 2,
      confidence: 0.946656,
      polygon: [
        [125, 214],
        [124, 215],
        [122, 215],
        [121, 216],
      ],
    },
    {
      instance_id: 2,
      class_id: 6,
      confidence: 0.786661,
      polygon: [
        [253, 141],
        [248, 146],
        [247, 146],
        [246, 147],
      ],
    },
  ],
  num_instances: 2,
  model: {
    name: 'wardrobe-seg',
    checkpoint_path: 'demo_21',
    sha256: 'bf7f9a5f0984f6bc5e4a20c8c3bc541c0c4b4dfe883b51459db918668f4f525c',
    warm: true,
  },
  predicted_mask_base64: base64,
};

const scores = [
  { label_id: 1, label: 'trouser', confidence: 0.324294 },
  { label_id: 7, label: 'sneaker', confidence: 0.178523 },
  { label_id: 3, label: 'dress', confidence: 0.143794 },
  { label_id: 9, label: 'ankle-boot', confidence: 0.078365 },
  { label_id: 0, label: 't-shirt', confidence: 0.074109 },
];

export const classificationWithoutOverlay = {
  task_type: 'image_classification',
  ...picture,
  predicted_label: 'trouser',
  predicted_label_id: 1,
  confidence: 0.324294,
  predictions: scores,
  top5_predictions: scores,
  model: {
    name: 'wardrobe-cls',
    checkpoint_path: 'demo_22',
    sha256: '216aafb1489fe46b04ebf3d43c43b74266093065721100a4ef8bd432b0acefcf',
    warm: true,
  },
};

export const classification = { ...classificationWithoutOverlay, overlay_base64: base64 };
