// Everything in one file, as Rollup makes it with its plugins.
import commonjs from '@rollup/plugin-commonjs'
import json from '@rollup/plugin-json'
import { nodeResolve } from '@rollup/plugin-node-resolve'
import { rollup } from 'rollup'

const bundle = await rollup({
  input: 'app/bundled.js',
  plugins: [
    nodeResolve({ preferBuiltins: true, exportConditions: ['node'] }),
    commonjs({ ignoreDynamicRequires: true, ignore: ['node:sqlite'] }),
    json(),
  ],
  onwarn: () => undefined,
})
await bundle.write({ file: 'bundle/main.mjs', format: 'es', inlineDynamicImports: true })
