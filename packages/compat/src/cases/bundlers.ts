import type { Case } from './case.ts'

const esbuild = {
  dependencies: { esbuild: '0.28.2' },
  flavour: 'esm',
} satisfies Partial<Case>
/** CommonJS packages need it. It is imported under a name that no module uses. */
const createRequire = `import { createRequire as forBundle } from 'node:module'; const require = forBundle(import.meta.url);`

export const bundlerCases: readonly Case[] = [
  {
    ...esbuild,
    name: 'esbuild-cjs',
    what: 'esbuild, everything in one CommonJS file, without node_modules',
    steps: [
      [
        'node_modules/esbuild/bin/esbuild',
        'app/bundled.js',
        '--bundle',
        '--platform=node',
        '--format=cjs',
        '--outfile=bundle/main.cjs',
      ],
    ],
    moved: 'bundle',
    run: ['main.cjs'],
  },
  {
    ...esbuild,
    name: 'esbuild-esm',
    what: 'esbuild, everything in one ES module, minified, without node_modules',
    steps: [
      [
        'node_modules/esbuild/bin/esbuild',
        'app/bundled.js',
        '--bundle',
        '--platform=node',
        '--format=esm',
        '--minify',
        '--outfile=bundle/main.mjs',
        `--banner:js=${createRequire}`,
      ],
    ],
    moved: 'bundle',
    run: ['main.mjs'],
  },
  {
    ...esbuild,
    name: 'esbuild-external',
    what: 'esbuild to CommonJS with all packages external',
    steps: [
      [
        'node_modules/esbuild/bin/esbuild',
        'app/main.js',
        '--bundle',
        '--platform=node',
        '--format=cjs',
        '--packages=external',
        '--outfile=bundle/main.cjs',
      ],
    ],
    run: ['bundle/main.cjs'],
  },
  {
    name: 'webpack',
    what: 'webpack for production, without node_modules',
    flavour: 'esm',
    dependencies: { webpack: '5.113.0' },
    files: ['bundlers/webpack.cjs'],
    steps: [['webpack.cjs']],
    moved: 'bundle',
    run: ['main.cjs'],
  },
  {
    name: 'ncc',
    what: 'ncc to CommonJS, without node_modules',
    flavour: 'cjs',
    dependencies: { '@vercel/ncc': '0.45.0' },
    steps: [
      [
        'node_modules/@vercel/ncc/dist/ncc/cli.js',
        'build',
        'app/bundled.js',
        '--out',
        'bundle',
        '--external',
        'pg-native',
      ],
    ],
    moved: 'bundle',
    run: ['index.js'],
  },
  {
    name: 'rollup',
    what: 'Rollup, everything in one ES module, without node_modules',
    flavour: 'esm',
    dependencies: {
      rollup: '4.68.8',
      '@rollup/plugin-commonjs': '29.0.3',
      '@rollup/plugin-json': '6.1.0',
      '@rollup/plugin-node-resolve': '16.0.3',
    },
    files: ['bundlers/rollup.mjs'],
    steps: [['rollup.mjs']],
    moved: 'bundle',
    run: ['main.mjs'],
  },
]
