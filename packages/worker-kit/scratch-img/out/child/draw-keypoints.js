import { fillDisc, strokeLine } from './draw-shapes.js';
import { drawStyleFor } from './draw-style.js';
/** The 17 COCO keypoints' limbs, numbered from 0 (person_keypoints annotations, `skeleton` − 1). */
export const COCO_SKELETON = [
    [15, 13],
    [13, 11],
    [16, 14],
    [14, 12],
    [11, 12],
    [5, 11],
    [6, 12],
    [5, 6],
    [5, 7],
    [6, 8],
    [7, 9],
    [8, 10],
    [1, 2],
    [0, 1],
    [0, 2],
    [1, 3],
    [2, 4],
    [3, 5],
    [4, 6],
];
const RIM = [17, 17, 17];
/** Draws one instance's limbs and points, in place. A point at or below `confidenceMin`, and its limbs, is left out. */
export function drawKeypoints(image, keypoints, options) {
    const { colour, skeleton, confidenceMin, style = drawStyleFor(image) } = options;
    const isShown = (point) => point !== undefined && Number.isFinite(point.x + point.y) && (point.confidence ?? 1) > confidenceMin;
    for (const [from, to] of skeleton) {
        const [start, end] = [keypoints[from], keypoints[to]];
        if (!isShown(start) || !isShown(end))
            continue;
        const line = { x1: start.x, y1: start.y, x2: end.x, y2: end.y };
        if (style.lineWidthPx >= 2)
            strokeLine(image, line, style.lineWidthPx + 2, RIM, 0.35);
        strokeLine(image, line, style.lineWidthPx, colour);
    }
    const radius = style.lineWidthPx * 1.2 + 0.8;
    for (const point of keypoints) {
        if (!isShown(point))
            continue;
        fillDisc(image, point, radius + 1, RIM);
        fillDisc(image, point, radius, colour);
    }
}
