// Everything in one file, as webpack makes it for production; minified it is elsewhere, by a quicker tool.
const { join } = require('node:path')
const webpack = require('webpack')

const compiler = webpack({
  mode: 'production',
  target: 'node',
  optimization: { minimize: false },
  context: __dirname,
  entry: './app/bundled.js',
  output: { path: join(__dirname, 'bundle'), filename: 'main.cjs' },
  // A driver that applications leave out.
  externals: { 'pg-native': 'commonjs pg-native' },
})

compiler.run((error, stats) => {
  if (error === null && !stats.hasErrors()) return
  console.error(error ?? stats.toString({ all: false, errors: true }))
  process.exitCode = 1
})
