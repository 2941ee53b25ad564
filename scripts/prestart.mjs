// Makes a checkout ready to run: packages installed, the native module loadable, dist/ built from src/. What is there
// already is left alone, so that a start costs next to nothing. With --with-dev also the packages that tests need.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const withDev = process.argv.includes('--with-dev')
const opened = []

checkNode()
installPackages()
await mendNativeModule()
mendOpus()
build()
buildWeb()

function checkNode() {
  const wanted = Number(/\d+/.exec(readJson('package.json').engines.node)[0])
  const [major] = process.versions.node.split('.')
  if (Number(major) < wanted) fail(`this is Node ${process.version}; Offhook needs ${wanted} or newer`)
}

function installPackages() {
  const wanted = readJson('package-lock.json').packages
  const present = readJson('node_modules/.package-lock.json')?.packages ?? {}
  const keepDev = withDev || Object.values(present).some(({ dev }) => dev)
  const missing = Object.entries(wanted).some(([path, { version, dev, optional, devOptional }]) => {
    const needed = path !== '' && !optional && !devOptional && (keepDev || !dev)
    return needed && present[path]?.version !== version
  })
  if (!missing) return
  say('installing packages; where better-sqlite3 must be compiled this takes a minute or two')
  npm('npm could not install the packages', 'ci', ...(keepDev ? [] : ['--omit=dev']))
}

/** A native module works only with the Node version that it was built for. */
async function mendNativeModule() {
  if ((await nativeModuleError()) === null) return
  say(`rebuilding better-sqlite3 for Node ${process.version}`)
  npm('npm could not rebuild better-sqlite3', 'rebuild', 'better-sqlite3')
  const error = await nativeModuleError()
  if (error !== null) fail(`better-sqlite3 cannot be loaded: ${error.message.split('\n')[0]}`)
}

async function nativeModuleError() {
  try {
    const { default: Database } = await import('better-sqlite3')
    // Kept: see src/store/sqlite.ts.
    opened.push(new Database(':memory:'))
    return null
  } catch (error) {
    return error
  }
}

/** Opus is not needed to start: it is tried once for each version of Node, and what is wrong the server says too. */
function mendOpus() {
  if (opusError() === null) return
  const failed = join(root, 'node_modules/.offhook-opus')
  const trial = `${process.version} ${readJson('package.json').optionalDependencies['@discordjs/opus']}`
  if (readText('node_modules/.offhook-opus') === trial) return
  const isThere = existsSync(join(root, 'node_modules/@discordjs/opus'))
  say(`${isThere ? 'rebuilding' : 'installing'} @discordjs/opus for Node ${process.version}`)
  const dev = existsSync(join(root, 'node_modules/tap')) ? [] : ['--omit=dev']
  runNpm(...(isThere ? ['rebuild', '@discordjs/opus'] : ['install', '--no-save', ...dev]))
  if (opusError() === null) return
  writeFileSync(failed, trial)
  const missing = missingTools()
  const why = missing.length > 0 ? `: to compile it needs ${missing.join(' and ')}` : ''
  console.error(`offhook: calls with Opus can't be transcoded${why}. To try again: npm rebuild @discordjs/opus`)
}

function opusError() {
  try {
    // Not import(), which remembers for good that a module could not be loaded.
    const { OpusEncoder } = createRequire(import.meta.url)('@discordjs/opus')
    new OpusEncoder(8000, 1)
    return null
  } catch (error) {
    return error
  }
}

function build() {
  const stamp = contentOf('src', 'package.json', 'tsconfig.json', 'tsconfig.build.json')
  if (readText('dist/.stamp') === stamp) return
  say('building')
  // Built aside and moved into place, so that a build that fails leaves the last good one.
  const aside = join(root, 'node_modules/.offhook-build')
  rmSync(aside, { recursive: true, force: true })
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const args = [tsc, '-p', 'tsconfig.build.json', '--outDir', aside]
  // Its output goes to stderr: stdout belongs to the server.
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (status !== 0) fail('the build failed; what is wrong stands above')
  writeFileSync(join(aside, '.stamp'), stamp)
  // The phone page is built by itself, below.
  for (const kept of ['web', '.web-stamp']) {
    if (existsSync(join(root, 'dist', kept))) renameSync(join(root, 'dist', kept), join(aside, kept))
  }
  rmSync(join(root, 'dist'), { recursive: true, force: true })
  renameSync(aside, join(root, 'dist'))
}

/** Phones work without the page: where it cannot be built that is said, and the server starts. */
function buildWeb() {
  const stamp = contentOf('web', 'src/rtp/quality.ts', 'package.json', 'tsconfig.json')
  if (readText('dist/.web-stamp') === stamp) return
  say('building the phone page')
  const aside = join(root, 'node_modules/.offhook-web')
  rmSync(aside, { recursive: true, force: true })
  const vite = join(root, 'node_modules/vite/bin/vite.js')
  const args = [vite, 'build', '--config', 'web/vite.config.ts', '--outDir', aside, '--logLevel', 'warn']
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (status !== 0) {
    console.error('offhook: the phone page could not be built; what is wrong stands above. To try again: npm run build')
    return
  }
  rmSync(join(root, 'dist/web'), { recursive: true, force: true })
  renameSync(aside, join(root, 'dist/web'))
  writeFileSync(join(root, 'dist/.web-stamp'), stamp)
}

/** A hash over names and contents of all files under `paths`. */
function contentOf(...paths) {
  const hash = createHash('sha256')
  const add = (path) => {
    const file = readText(path)
    if (file !== null) hash.update(`${path}\0${file.length}\0${file}`)
    else for (const name of readdirSync(join(root, path)).sort()) add(`${path}/${name}`)
  }
  for (const path of paths) add(path)
  return hash.digest('hex')
}

function npm(problem, ...args) {
  const { status, stdout, stderr } = runNpm(...args)
  if (status === 0) return
  const missing = missingTools()
  if (missing.length === 0) fail(`${stdout ?? ''}${stderr ?? ''}\n${problem}; why stands above`)
  fail(
    `${problem}: to compile better-sqlite3 it needs ${missing.join(' and ')}; on Debian: apt install python3 make g++`,
  )
}

function runNpm(...args) {
  const cli = process.env.npm_execpath
  const [command, ...rest] = cli ? [process.execPath, cli, ...args] : ['npm', ...args]
  return spawnSync(command, rest, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 })
}

/** What compiling a native module takes, and is not here. */
function missingTools() {
  return ['python3', 'make', 'g++'].filter((tool) => !onPath(tool))
}

function onPath(tool) {
  return (process.env.PATH ?? '').split(delimiter).some((directory) => existsSync(join(directory, tool)))
}

function readText(path) {
  try {
    return readFileSync(join(root, path), 'utf8')
  } catch {
    return null
  }
}

function readJson(path) {
  return JSON.parse(readText(path) ?? 'null')
}

function say(text) {
  console.error(`offhook: ${text} …`)
}

function fail(text) {
  console.error(`offhook: ${text}`)
  process.exit(1)
}
