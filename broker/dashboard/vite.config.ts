import { defineConfig } from 'vite';

// The broker serves the output as it is, under a policy that allows no inline script and no inline
// style: so nothing is inlined, and module preloading needs no polyfill.
export default defineConfig({
  esbuild: { jsx: 'automatic', legalComments: 'none' },
  build: {
    outDir: 'target/classes/static',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    rollupOptions: {
      output: {
        // What the pictures share; a file that comes with the first of them.
        manualChunks: (id) => (/node_modules\/(echarts|zrender)\//.test(id) ? 'charts' : undefined),
      },
      // Libraries mark what runs in a browser only; here everything does.
      onwarn: (warning, warn) => warning.code === 'MODULE_LEVEL_DIRECTIVE' || warn(warning),
    },
  },
  server: {
    proxy: {
      '/api': { target: process.env.MEMFABRIC_BROKER ?? 'http://127.0.0.1:7070', changeOrigin: true },
    },
  },
});
