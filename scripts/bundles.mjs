// The bundles of dist/: what goes into them, what is left out, and how far they are shortened.
//   main.js   the command and the library, whose compiled code the launcher keeps
//   grpc.js   the gRPC library, loaded with the first connection
//   x509.js   the library that makes certificates, loaded when there are none
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build, transform } from 'esbuild'

// Native, or loaded from its own package when it is first needed.
const external = ['better-sqlite3', 'jsonwebtoken', 'pino-pretty']

const shared = {
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'cjs',
  // Licenses go into a file of their own.
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
}

// One function, as the launcher wants it: read as it is, its text stays outside of the heap. Where a module is at hand it is called.
const parameters = 'exports, require, module, __filename, __dirname'
const asFunction = {
  banner: {
    js: `((run) => typeof module === 'object' ? run(${parameters}) : run)(function (${parameters}) {const importMetaURL = require("node:url").pathToFileURL(__filename).href;`,
  },
  footer: { js: '})' },
}

/** @returns esbuild's metafile of each bundle: what went into it */
export async function makeBundles({ root, dist, forPackage }) {
  const bundles = await Promise.all([
    build({
      ...shared,
      ...asFunction,
      absWorkingDir: root,
      stdin: { contents: "export { main } from './cli/main.js'\nexport * from './index.js'", resolveDir: join(root, 'src'), sourcefile: 'bundle.js' },
      outfile: join(dist, 'main.js'),
      external,
      define: { 'import.meta.url': 'importMetaURL', 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
      // The launcher runs a script, and scripts have no dynamic import: it becomes a require that waits until it is called.
      supported: { 'dynamic-import': false },
      minifyWhitespace: true,
      minifySyntax: true,
      plugins: [leaveOut, setAside, shortenNames(forPackage ? anyScript : scriptOfLibrary)],
    }),
    ...Object.entries(aside).map(([name, file]) =>
      build({
        ...shared,
        absWorkingDir: root,
        stdin: { contents: `module.exports = require('${name}')`, resolveDir: root, sourcefile: file },
        outfile: join(dist, file),
        minify: true,
        plugins: [leaveOut],
      }),
    ),
  ])
  return bundles.map(({ metafile }) => metafile)
}

// What libraries load for features that nobody here uses. With what it needs in turn it is a fifth of them all.
const unused = {
  // Compilers for schemas of routes, of which there are none: to be made, never to be called.
  '@fastify/ajv-compiler': 'module.exports = () => {}',
  '@fastify/fast-json-stringify-compiler': 'module.exports = () => {}',
  // Requests without a socket.
  'light-my-request': '',
  // Exemplars of metrics.
  '@opentelemetry/api': '',
  // Channelz.
  '@grpc/proto-loader': '',
}

const leaveOut = {
  name: 'leave-out',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: new RegExp(`^(?:${Object.keys(unused).join('|')})$`) }, ({ path }) => ({ path, namespace: 'left-out' }))
    onLoad({ filter: /./, namespace: 'left-out' }, ({ path }) => ({ contents: unused[path] }))
  },
}

// Libraries with a file of their own: most servers never read it.
const aside = { '@grpc/grpc-js': 'grpc.js', '@peculiar/x509': 'x509.js' }

const setAside = {
  name: 'set-aside',
  setup({ onResolve }) {
    onResolve({ filter: new RegExp(`^(?:${Object.keys(aside).join('|')})$`) }, ({ path }) => ({ path: `./${aside[path]}`, external: true }))
  },
}

const scriptOfLibrary = /\/node_modules\/.*\.[cm]?js$/
const anyScript = /\.(?:[cm]?js|ts)$/

/**
 * Short names for what files keep to themselves. A stack trace still shows what they export, classes and methods; in a build
 * that is not for others our own functions and variables too.
 */
const shortenNames = (filter) => ({
  name: 'shorten-names',
  setup({ onLoad }) {
    onLoad({ filter, namespace: 'file' }, async ({ path }) => {
      // Without a format esbuild takes a script for one whose outermost names are everybody's.
      const format = scriptOfLibrary.test(path) ? { format: isModule(path) ? 'esm' : 'cjs' } : {}
      const options = { target: shared.target, loader: path.endsWith('.ts') ? 'ts' : 'js', minifyIdentifiers: true, ...format }
      return { contents: (await transform(readFileSync(path, 'utf8'), options)).code }
    })
  },
})

/** As Node tells it. */
function isModule(path) {
  if (/\.[cm]js$/.test(path)) return path.endsWith('.mjs')
  let folder = dirname(path)
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder)
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).type === 'module'
}
