import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const gatewayUrl = 'http://127.0.0.1:8000';

/** Scripts and styles also in compressed form, beside themselves: the gateway sends what the browser takes. */
const compressed: Plugin = {
  name: 'compressed',
  async writeBundle({ dir = '' }, bundle) {
    for (const name of Object.keys(bundle).filter((file) => /\.(js|css)$/.test(file))) {
      const path = join(dir, name);
      const bytes = await readFile(path);
      await writeFile(`${path}.br`, brotliCompressSync(bytes));
      await writeFile(`${path}.gz`, gzipSync(bytes, { level: 9 }));
    }
  },
};

export default defineConfig({
  plugins: [react(), compressed],
  build: {
    // The page's policy forbids inline scripts and styles; files of their own also get a hash and live in caches.
    assetsInlineLimit: 0,
    target: 'es2022',
  },
  server: { proxy: { '/api': gatewayUrl, '/docs': gatewayUrl } },
});
