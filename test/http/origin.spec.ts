import t from 'tap'
import { admitsOrigin } from '../../src/http/origin.ts'

const allowed = ['https://phones.example.org', 'http://localhost:5173']

t.test('pages of our own, of the very host and port that they connect to', async (t) => {
  for (const [origin, host] of [
    ['https://pbx.example.com:8443', 'pbx.example.com:8443'],
    ['https://PBX.example.com:8443', 'pbx.Example.com:8443'],
    ['https://192.168.1.7:8443', '192.168.1.7:8443'],
    ['https://[2001:db8::7]:8443', '[2001:db8:0::7]:8443'],
    // Behind a proxy on the usual port.
    ['https://pbx.example.com', 'pbx.example.com'],
    ['https://pbx.example.com', 'pbx.example.com:443'],
    // A name that the home's router made up, and nobody told us.
    ['https://homeserver.lan:8443', 'homeserver.lan:8443'],
  ] as const) {
    t.ok(admitsOrigin(origin, host, allowed), `${origin} at ${host}`)
  }
})

t.test('no pages of others', async (t) => {
  for (const [origin, host] of [
    ['https://evil.example', 'pbx.example.com:8443'],
    // Another server on this host.
    ['https://pbx.example.com:9999', 'pbx.example.com:8443'],
    ['https://pbx.example.com', 'pbx.example.com:8443'],
    ['http://pbx.example.com:8443', 'pbx.example.com:8443'],
    ['https://pbx.example.com.evil.example:8443', 'pbx.example.com:8443'],
    ['null', 'pbx.example.com:8443'],
    ['', 'pbx.example.com:8443'],
    ['https://', 'pbx.example.com:8443'],
    ['https://pbx.example.com:8443', null],
    ['https://pbx.example.com:8443', 'a b'],
  ] as const) {
    t.notOk(admitsOrigin(origin, host, allowed), `${origin} at ${host}`)
  }
})

t.test('those that are listed, and what is no browser', async (t) => {
  t.ok(admitsOrigin('https://phones.example.org', 'pbx.example.com:8443', allowed))
  t.ok(admitsOrigin('http://localhost:5173', '192.168.1.7:8443', allowed))
  t.notOk(admitsOrigin('http://phones.example.org', 'pbx.example.com:8443', allowed))
  t.ok(admitsOrigin(null, 'anything', allowed))
})
