import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

// The built page is embedded in the Go package api. Only the folder's placeholder is in git.
export default defineConfig({
  plugins: [svelte({ configFile: false })],
  base: './',
  build: {
    outDir: '../api/dist',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0, // the policy of the page allows no data: addresses
    modulePreload: false,
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8099' } },
  test: { include: ['test/**/*.test.ts'] },
})
