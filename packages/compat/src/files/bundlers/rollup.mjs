// Everything in one file, as Rollup makes it with its plugins.
import commonjs from '@rollup/plugin-commonjs'
import json from '@rollup/plugin-json'
import { nodeResolve } from '@rollup/plugin-node-resolve'
import { rollup } from 'rollup'

const bundle = await rollup({
  input: 'app/bundled.js',
  // What applications leave out: drivers that they don't use.
  external: ['pg-native', 'pg-hstore'],
  plugins: [
    nodeResolve({ preferBuiltins: true, exportConditions: ['node'] }),
    commonjs({ ignoreDynamicRequires: true }),
    json(),
  ],
  onwarn: () => undefined,
})
await bundle.write({ file: 'bundle/main.mjs', format: 'es', inlineDynamicImports: true })
