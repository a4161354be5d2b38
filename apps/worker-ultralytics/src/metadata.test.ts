import { describe, expect, test } from 'vitest';
import { readMetadata } from './metadata.js';

const read = (metadata: Record<string, string>) => readMetadata({ metadata });

describe('readMetadata', () => {
  test('reads what the exporter writes', () => {
    const metadata = {
      description: 'Ultralytics YOLO11n model',
      stride: '32',
      task: 'segment',
      batch: '1',
      imgsz: '[480, 640]',
      names: "{0: 'person', 1: \"driver's seat\", 2: '사람'}",
      args: "{'batch': 1, 'half': False, 'dynamic': False, 'opset': None, 'nms': False}",
      end2end: 'False',
    };
    expect(read(metadata)).toEqual({
      task: 'segment',
      stride: 32,
      imgsz: [480, 640],
      names: ['person', "driver's seat", '사람'],
      isEndToEnd: false,
    });
  });

  test('has nothing to say where nothing is written, but the stride of every YOLO', () => {
    expect(read({})).toEqual({ task: null, stride: 32, imgsz: null, names: null, isEndToEnd: false });
  });

  test('reads names in any order, with numbers in the gaps', () => {
    expect(read({ names: "{2: 'c', 0: 'a'}" }).names).toEqual(['a', '1', 'c']);
    expect(read({ names: "['a', 'b']" }).names).toEqual(['a', 'b']);
  });

  test.each(['{}', '{0: ', "{'a': 'b'}", "{-1: 'a'}", "{100001: 'a'}", '7', '__import__("os")'])(
    'has no names for %s',
    (names) => {
      expect(read({ names }).names).toBeNull();
    },
  );

  test.each(['[320]', '[0, 320]', '[-1, 2]', "['320', 320]", '320', '[320, 32.5]'])('has no size for %s', (imgsz) => {
    expect(read({ imgsz }).imgsz).toBeNull();
  });

  test.each(['0', '-8', 'x', '1.5'])('takes the usual stride for %s', (stride) => {
    expect(read({ stride }).stride).toBe(32);
  });

  test('knows from either key that NMS is in the graph', () => {
    expect(read({ end2end: 'True' }).isEndToEnd).toBe(true);
    expect(read({ args: "{'nms': True}" }).isEndToEnd).toBe(true);
    expect(read({ end2end: 'False', args: "{'nms': False}" }).isEndToEnd).toBe(false);
    expect(read({ end2end: 'maybe', args: 'nms=True' }).isEndToEnd).toBe(false);
  });
});
