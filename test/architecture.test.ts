import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

/**
 * Who may import whom, by folder of `src` (its longest match counts); type-only imports count as well. `platform` may be
 * imported by all. The composition root stands in files at the top of `src` and may import everything.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  platform: [],
  'sip/message': [],
  stun: ['sip/message/host.ts'],
  'sip/transport': ['sip/message', 'stun'],
  'sip/transaction': ['sip/message', 'sip/transport'],
  'sip/dialog': ['sip/message', 'sip/transport', 'sip/transaction'],
  'sip/auth': ['sip/message'],
  'sip/locate': ['sip/message'],
  'sip/registrar': ['sip/message', 'sip/transport', 'sip/transaction', 'sip/dialog'],
  // sip/uasCore.ts
  sip: ['sip/message', 'sip/transport', 'sip/transaction', 'sip/dialog', 'sip/auth'],
  certificates: [],
  http: ['certificates', 'sip/auth'],
  sdp: [],
  codecs: [],
  rtp: ['codecs'],
  webrtc: ['rtp', 'stun'],
  media: ['rtp', 'webrtc', 'codecs'],
  dialplan: ['closest.ts'],
  bridge: ['sip', 'sdp', 'dialplan', 'media/engine.ts'],
  trunks: ['sip', 'dialplan', 'bridge/bridge.ts', 'sdp/repertoire.ts'],
  apps: ['bridge'],
  store: ['api', 'bridge/callRecord.ts', 'sip/auth/credentials.ts', 'sip/registrar/bindingStore.ts', 'errors.ts'],
  api: ['bridge', 'store', 'sip', 'dialplan', 'trunks', 'errors.ts', 'closest.ts', 'version.ts'],
  cli: [
    'api',
    'store',
    'trunks/trunk.ts',
    'trunks/presets.ts',
    'builtInNumbers.ts',
    'config.ts',
    'errors.ts',
    'closest.ts',
    'version.ts',
    'server.ts',
  ],
}

/** Modules of Node that are I/O, time or chance: only `platform` has them, and those who are named here say why. */
const ONLY_IN_PLATFORM = [
  'node:dgram',
  'node:net',
  'node:dns',
  'node:dns/promises',
  'node:timers',
  'node:http',
  'node:https',
  'node:tls',
  'ws',
]
const EXEMPT: Readonly<Record<string, string>> = {
  'api/controlServer.ts': 'node:net, for the Unix socket of the command line',
  'api/controlClient.ts': 'node:net, for the Unix socket of the command line',
}

const SRC = join(dirname(fileURLToPath(import.meta.url)), '..', 'src')

interface Source {
  /** Relative to `src`. */
  readonly path: string
  readonly text: string
  readonly imports: readonly string[]
}

const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map(read)

function read(path: string): Source {
  const text = readFileSync(join(SRC, path), 'utf8')
  const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, name = '']) =>
    name.startsWith('.') ? relative(SRC, normalize(join(SRC, dirname(path), name))) : name,
  )
  return { path, text, imports }
}

function folderOf(path: string): string | null {
  const folder = dirname(path)
  const known = Object.keys(MAY_IMPORT).filter((name) => folder === name || folder.startsWith(`${name}/`))
  return known.sort((a, b) => b.length - a.length)[0] ?? null
}

function within(path: string, allowed: string): boolean {
  return path === allowed || path.startsWith(`${allowed}/`)
}

t.test('imports follow the arrows of docs/architecture.md', async (t) => {
  for (const { path, imports } of sources) {
    const folder = folderOf(path)
    if (folder === null) {
      t.equal(dirname(path), '.', `${path} lies in a folder with rules`)
      continue
    }
    for (const target of imports.filter((name) => name.endsWith('.ts'))) {
      const allowed = [folder, 'platform', ...(MAY_IMPORT[folder] ?? [])].some((name) => within(target, name))
      if (!allowed) t.fail(`${path} must not import ${target}`)
    }
  }
  t.ok(sources.length > 50)
})

t.test('no cycles between files', async (t) => {
  const done = new Set<string>()
  const byPath = new Map(sources.map((source) => [source.path, source]))
  const visit = (path: string, above: readonly string[]): void => {
    if (above.includes(path)) t.fail([...above.slice(above.indexOf(path)), path].join(' → '))
    if (done.has(path)) return
    done.add(path)
    for (const target of byPath.get(path)?.imports ?? []) if (byPath.has(target)) visit(target, [...above, path])
  }
  for (const { path } of sources) visit(path, [])
  t.equal(done.size, sources.length)
})

t.test('sockets, time and chance come from platform alone', async (t) => {
  for (const { path, text, imports } of sources) {
    if (within(path, 'platform')) continue
    const io = imports.filter((name) => ONLY_IN_PLATFORM.includes(name))
    if (io.length > 0 && !EXEMPT[path]) t.fail(`${path} imports ${io}`)
    const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
    const used = /\b(Date\.now|new Date\(\)|Math\.random|setTimeout|setInterval|setImmediate|performance\.now)\b/.exec(
      code,
    )
    if (used) t.fail(`${path} uses ${used[0]}`)
  }
  t.pass(`${sources.length} files read`)
})
