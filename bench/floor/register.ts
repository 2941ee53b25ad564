import { createHash } from 'node:crypto'
import { createSocket } from 'node:dgram'
import Database from 'better-sqlite3'

// A registration at the very least: four bare packets, a nonce, two hashes, an upsert; one commit a turn of the loop.
const database = new Database(process.argv[2] ?? '')
for (const pragma of ['journal_mode = WAL', 'synchronous = NORMAL']) database.exec(`PRAGMA ${pragma}`)
database.exec('CREATE TABLE binding (id TEXT PRIMARY KEY, contact TEXT, expires INTEGER) WITHOUT ROWID')
const sql = 'INSERT INTO binding VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET contact = excluded.contact'
const upsert = database.prepare(sql)
const md5 = (text: string) => createHash('md5').update(text).digest('hex')
const turn: { text: string; port: number }[] = []
const commit = database.transaction(() => {
  for (const { text, port } of turn) upsert.run(/sip:(\d+)@/.exec(text)?.[1], `${port}`, Date.now())
})
const socket = createSocket({ type: 'udp4', lookup: (host, _options, done) => done(null, host, 4) })
socket.on('message', (bytes, { port }) => {
  const text = bytes.toString('latin1')
  const rest = text.slice(text.indexOf('\r\n'))
  const challenge = 'WWW-Authenticate: Digest realm="r"'
  if (!text.includes('\r\nAuthorization: ')) return reply(`401 No\r\n${challenge}, nonce="${md5(text)}"${rest}`, port)
  md5(`ha1:nonce:nc:cnonce:auth:${md5(`REGISTER:${port}`)}`)
  if (turn.push({ text: `200 OK${rest}`, port }) === 1) setImmediate(flush)
})
function flush() {
  commit()
  for (const { text, port } of turn.splice(0)) reply(text, port)
}
const reply = (text: string, port: number) => socket.send(Buffer.from(`SIP/2.0 ${text}`, 'latin1'), port, '127.0.0.1')
socket.bind(0, '127.0.0.1', () => console.log(JSON.stringify({ port: socket.address().port })))
