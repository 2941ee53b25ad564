import t from 'tap'
import { certificateFiles, UnusableCertificate } from '../../src/certificates/certificateFiles.ts'
import { makeAuthority } from '../../src/certificates/issue.ts'
import { VirtualClock } from '../support/virtual/clock.ts'
import { seededRandom } from '../support/virtual/random.ts'
import { keepingLog, MemoryFiles } from './bench.ts'

const NOW = new Date('2026-06-01T12:00:00Z')
const CERT = '/etc/ssl/pbx.crt'
const KEY = '/etc/ssl/pbx.key'
const random = seededRandom(5)
const pair = (name: string) => makeAuthority(name, ['localhost'], NOW, random)

async function bench() {
  const files = new MemoryFiles()
  const first = await pair('first')
  const put = ({ chain, key }: { chain: string; key: string }) => {
    files.texts.set(CERT, chain)
    files.texts.set(KEY, key)
  }
  put(first)
  const clock = new VirtualClock()
  const { log, lines } = keepingLog()
  const options = { certificate: CERT, key: KEY, files, clock, log }
  return { files, first, put, clock, lines, options }
}

t.test('files that change are taken while the server runs', async (t) => {
  const { first, put, clock, lines, options } = await bench()
  const source = await certificateFiles(options)
  t.same(source.current, first)
  const shown: string[] = []
  source.onChanged(({ chain }) => shown.push(chain))
  await clock.advance(30_000)
  t.same(shown, [])
  const second = await pair('second')
  put(second)
  await clock.advance(10_000)
  t.same(source.current, second)
  t.same(shown, [second.chain])
  t.match(lines, ['info: the certificate was read again: its file has changed'])
  source.close()
  t.equal(clock.timers, 0)
})

t.test(
  'half of a new pair is waited out; one that stays broken is told of once, and the old one goes on',
  async (t) => {
    const { files, first, clock, lines, options } = await bench()
    const source = await certificateFiles(options)
    const second = await pair('second')
    files.texts.set(CERT, second.chain)
    await clock.advance(60_000)
    t.same(source.current, first)
    t.match(lines, [/^warn: the certificate in \/etc\/ssl\/pbx\.crt does not belong to the key; .*used on$/])
    t.equal(lines.length, 1)
    files.unreadable.set(KEY, 'EACCES')
    await clock.advance(10_000)
    t.match(lines[1], /cannot read \/etc\/ssl\/pbx\.key \(EACCES\)/)
    files.unreadable.clear()
    files.texts.set(KEY, second.key)
    await clock.advance(10_000)
    t.same(source.current, second)
    source.close()
  },
)

t.test('at the start a pair that cannot be used is an error that names it', async (t) => {
  const { files, options, first } = await bench()
  files.texts.set(KEY, (await pair('other')).key)
  await t.rejects(certificateFiles(options), { message: /does not belong to the key/ })
  t.ok((await certificateFiles(options).catch((error: unknown) => error)) instanceof UnusableCertificate)
  files.texts.delete(KEY)
  await t.rejects(certificateFiles(options), { message: `there is no file ${KEY}` })
  files.texts.set(KEY, first.key)
  files.texts.set(CERT, 'hello')
  await t.rejects(certificateFiles(options), { message: /^the certificate in \/etc\/ssl\/pbx\.crt is no PEM/ })
})
