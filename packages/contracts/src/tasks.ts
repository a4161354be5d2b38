import { z } from 'zod';

export const frameworks = ['ultralytics', 'timm', 'huggingface'] as const;
export const Framework = z.enum(frameworks);
export type Framework = z.infer<typeof Framework>;

export const taskTypes = [
  'image_classification',
  'object_detection',
  'instance_segmentation',
  'semantic_segmentation',
  'pose_estimation',
  'oriented_object_detection',
  'super_resolution',
  'depth_estimation',
] as const;
export const TaskType = z.enum(taskTypes);
export type TaskType = z.infer<typeof TaskType>;
