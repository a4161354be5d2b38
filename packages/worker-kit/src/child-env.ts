/**
 * The environment of a child: nothing of the parent's but what it needs, so that no key and no database URL can be read
 * in it. ONNX Runtime must never phone home; its memory goes back to the system through few arenas.
 */
export function childEnv({ threads, logLevel }: { threads: number; logLevel: string }): Record<string, string> {
  return {
    // Libraries that ask for a home must not look it up: in a container the user may have none.
    HOME: '/nonexistent',
    LOG_LEVEL: logLevel,
    ORT_DISABLE_TELEMETRY: '1',
    MALLOC_ARENA_MAX: '2',
    // Decoded photographs in pages of 2 MB: else the system clears and maps them 4 KB at a time, which takes a third of a child's
    // time with twelve megapixels. Other systems' C libraries do not know it.
    GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1',
    // Labels are drawn in our own font: looking through those of the system costs each start time and memory.
    DISABLE_SYSTEM_FONTS_LOAD: '1',
    // A picture is never written down: libvips would put large ones into a temporary file.
    VIPS_DISC_THRESHOLD: '1000g',
    UV_THREADPOOL_SIZE: String(Math.max(2, threads)),
    IMAGE_THREADS: String(threads),
  };
}
