const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
/**
 * @param picture its size, px
 * @param objects how many will be labelled: in a crowd labels are smaller, or they hide what they name
 */
export function drawStyleFor({ width, height }, objects = 0) {
    // A panorama is as hard to read as its short side; the mean alone would give it giant labels.
    const reach = Math.min((width + height) / 2, 2 * Math.min(width, height));
    const crowd = objects > 100 ? 0.65 : objects > 40 ? 0.8 : 1;
    return {
        lineWidthPx: Math.round(clamp(reach * 0.0028 * crowd, reach < 160 ? 1 : 2, 12)),
        fontPx: Math.round(clamp((7.5 + reach * 0.0112) * crowd, 8, 64)),
        fontPxMin: 8,
    };
}
