import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { loadOptions, parseConfig } from '../../src/config.ts'

const example = readFileSync('config/offhook.example.yaml', 'utf8')

t.test('the defaults', async (t) => {
  t.same(loadOptions(null, {}, 8), {
    host: null,
    sipPort: 5060,
    httpsPort: 8443,
    certificate: null,
    allowedOrigins: [],
    rtpPorts: { from: 10000, to: 29999 },
    webrtcPorts: { from: 30000, to: 32767 },
    localNets: null,
    externalIp: null,
    mediaThreads: 7,
    logLevel: 'info',
    domains: [],
    digest: ['MD5'],
    noAnswer: 60,
    expires: { min: 60, default: 3600, max: 7200 },
    stunPort: null,
    country: null,
    acme: null,
    turn: null,
    dnsServers: [],
    tlsAuthorities: null,
  })
  t.equal(loadOptions(null, {}, 1).mediaThreads, 1)
})

t.test('a file sets what it names, and flags go before it', async (t) => {
  const file = join(
    t.testdir({ 'offhook.yaml': 'sip-port: 5080\nhost: 192.0.2.1\nlocal-net: 10.8.0.0/16\nexpires: {min: 120}\n' }),
    'offhook.yaml',
  )
  const flags = { 'sip-port': '0', 'local-net': ['10.0.0.0/8', 'fd00::/8'], 'rtp-ports': '20000-20999' }
  t.match(loadOptions(file, {}, 2), { sipPort: 5080, host: '192.0.2.1', localNets: ['10.8.0.0/16'] })
  t.match(loadOptions(file, flags, 2), {
    sipPort: 0,
    host: '192.0.2.1',
    localNets: ['10.0.0.0/8', 'fd00::/8'],
    rtpPorts: { from: 20000, to: 20999 },
    expires: { min: 120, default: 3600, max: 7200 },
  })
})

t.test('the example is in order, with its comments taken away as with them', async (t) => {
  t.same(parseConfig(example, 'example'), {})
  const settings = example
    .split('\n')
    .filter((line) => /^# {1,3}[a-z-]+: ?\S*/.test(line) && !/[.)]$/.test(line))
    .map((line) => line.slice(2))
  const read = parseConfig(settings.join('\n'), 'example')
  t.same(Object.keys(read).sort(), [
    'acme-agree-terms',
    'acme-directory',
    'acme-dns-hook',
    'acme-email',
    'acme-http-port',
    'acme-name',
    'allowed-origins',
    'cert',
    'country',
    'digest',
    'dns-servers',
    'domains',
    'expires',
    'external-ip',
    'host',
    'https-port',
    'key',
    'local-net',
    'log-level',
    'media-threads',
    'no-answer',
    'rtp-ports',
    'sip-port',
    'stun-port',
    'tls-ca',
    'turn-secret',
    'turn-secret-file',
    'turn-urls',
    'webrtc-ports',
  ])
  const stated = {
    'sip-port': 5060,
    'https-port': 8443,
    'rtp-ports': { from: 10000, to: 29999 },
    'log-level': 'info',
    'no-answer': 60,
  }
  t.match(read, { ...stated, digest: ['MD5'], expires: { min: 60, default: 3600, max: 7200 } })
})

t.test('what a setting may be', async (t) => {
  const good = [
    'host: "::"',
    'host: null',
    'external-ip: auto',
    'external-ip: PBX.Example.com',
    'external-ip: 2001:db8::1',
    'domains: [pbx.example.com, 198.51.100.7]',
    'digest: SHA-256',
    'media-threads: 4',
    'https-port: off',
    "dns-servers: [192.0.2.53, '192.0.2.54:5353', '2001:db8::53', '[2001:db8::53]:53']",
    'country: de',
    'allowed-origins: https://phones.example.com',
    '',
    '# nothing\n',
  ]
  for (const text of good) t.ok(parseConfig(text, 'offhook.yaml'), text)
})

t.test('an error names the file, the path in it and the mend', async (t) => {
  const refused: [string, string][] = [
    ['sip-port: 70000', 'sip-port is 70000; write a port from 1 to 65535, or 0 for any that is free'],
    ['sip-port: often', 'sip-port is "often"; write a port from 1 to 65535, or 0 for any that is free'],
    ['sip-port:', 'sip-port is null; write a port from 1 to 65535, or 0 for any that is free'],
    ['https-port: often', 'https-port is "often"; write a port from 1 to 65535, 0 for any that is free, or off'],
    [
      'allowed-origins: [phones.example.com]',
      'allowed-origins.0 is "phones.example.com"; write origins, as in [https://phones.example.com]',
    ],
    ['sip-prot: 5060', 'sip-prot is no setting; did you mean sip-port?'],
    ['tls-cert: x', 'tls-cert is no setting; take it out'],
    ['expires: {maks: 90}', 'expires.maks is no setting; did you mean expires.max?'],
    ['expires: {min: 30}', 'expires.min is 30; write seconds, at least 60'],
    [
      'expires: {min: 600, default: 300}',
      'expires is {"min":600,"default":300}; min must not be above default, nor default above max',
    ],
    ['rtp-ports: 10000', 'rtp-ports is 10000; write a range of ports, as in 10000-29999'],
    [
      'rtp-ports: 20000-10000',
      'rtp-ports is "20000-10000"; write a range between 1024 and 65535 with room for at least one pair of ports, as in 10000-29999',
    ],
    ['host: localhost', 'host is "localhost"; write an IP address'],
    ['local-net: [10.0.0.0/8, 10.0.0.0/33]', 'local-net.1 is "10.0.0.0/33"; write a subnet, as in 192.168.0.0/16'],
    ['external-ip: 300.1.2.3', 'external-ip is "300.1.2.3"; write an IP address, a host name, or auto'],
    ['media-threads: 0', 'media-threads is 0; write a number of threads, from 1 to 256'],
    ['log-level: loud', 'log-level is "loud"; write one of fatal, error, warn, info, debug, trace, silent'],
    ['domains: [pbx_1]', 'domains.0 is "pbx_1"; write a host name or an IP address'],
    ['digest: [MD5, MD5]', 'digest is ["MD5","MD5"]; name each algorithm once'],
    ['digest: [SHA1]', 'digest.0 is "SHA1"; write MD5 or SHA-256'],
    ['acme-name: pbx', 'acme-name.0 is "pbx"; write a public host name, as in pbx.example.com'],
    ['acme-name: 192.0.2.1', 'acme-name.0 is "192.0.2.1"; write a public host name, as in pbx.example.com'],
    ['acme-email: me', 'acme-email is "me"; write a mail address, as in admin@example.com'],
    [
      'acme-directory: http://ca.example',
      'acme-directory is "http://ca.example"; write the https address of a directory, as in https://acme-v02.api.letsencrypt.org/directory',
    ],
    [
      'acme-agree-terms: maybe',
      'acme-agree-terms is "maybe"; write true once you have read the terms of service of the certificate authority',
    ],
    [
      'turn-urls: stun:turn.example.com',
      'turn-urls.0 is "stun:turn.example.com"; write the address of a TURN server, as in turn:turn.example.com:3478?transport=udp',
    ],
    [
      'turn-secret: hunter2',
      'turn-secret cannot be used; write at least 16 characters in quotes, the same as static-auth-secret of the TURN server',
    ],
    ...['dns.example.com', '192.0.2.53:0', '[192.0.2.53', '2001:db8::53:x', '[::1]:70000'].map(
      (server): [string, string] => [
        `dns-servers: "${server}"`,
        `dns-servers.0 is "${server}"; write the address of a name server, as in 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:53`,
      ],
    ),
    ['no-answer: 1.5', 'no-answer is 1.5; write seconds, from 5 to 3600'],
    ['- a\n- b', 'a list of settings is expected, each as in "sip-port: 5060"'],
    ['5060', 'a list of settings is expected, each as in "sip-port: 5060"'],
  ]
  for (const [text, message] of refused) {
    t.throws(
      () => parseConfig(text, '/etc/offhook.yaml'),
      { code: 'CONFIG_INVALID', message: `/etc/offhook.yaml: ${message}` },
      text,
    )
  }
})

t.test('what is not YAML is refused with its line', async (t) => {
  t.throws(() => parseConfig('sip-port: 5060\nhost: [1, 2\n', 'offhook.yaml'), {
    code: 'CONFIG_INVALID',
    message: /^offhook\.yaml: line 3 is not YAML: /,
  })
  t.throws(() => parseConfig('host: a\nhost: b\n', 'offhook.yaml'), {
    message: /^offhook\.yaml: line 2 is not YAML: Map keys/,
  })
})

t.test('a file that is not there', async (t) => {
  t.throws(() => loadOptions('/nowhere/offhook.yaml', {}), {
    code: 'CONFIG_INVALID',
    message:
      'cannot read /nowhere/offhook.yaml (ENOENT); name another with --config, or make it from config/offhook.example.yaml',
  })
})

t.test('a flag that is wrong is wrong usage', async (t) => {
  t.throws(() => loadOptions(null, { 'sip-port': '5060x' }), {
    code: 'USAGE',
    message: '--sip-port is "5060x"; write a port from 1 to 65535, or 0 for any that is free',
  })
  t.throws(() => loadOptions(null, { 'local-net': ['10.0.0.0/8', 'lan'] }), {
    code: 'USAGE',
    message: '--local-net is "lan"; write a subnet, as in 192.168.0.0/16',
  })
  t.throws(() => loadOptions(null, { 'dns-servers': ['localhost'] }), {
    code: 'USAGE',
    message: /^--dns-server is "localhost"; write the address of a name server, /,
  })
})

t.test('a public certificate: what goes together', async (t) => {
  const load = (text: string) => loadOptions(join(t.testdir({ 'offhook.yaml': text }), 'offhook.yaml'), {}, 2).acme
  const refused = (text: string, message: RegExp) => t.throws(() => load(text), { code: 'CONFIG_INVALID', message })
  t.same(load('acme-name: PBX.Example.com.\nacme-agree-terms: true\nacme-email: admin@example.com'), {
    names: ['pbx.example.com'],
    email: 'admin@example.com',
    directory: 'https://acme-v02.api.letsencrypt.org/directory',
    httpPort: 80,
    dnsHook: null,
  })
  t.equal(load('acme-agree-terms: true'), null, 'no name, no certificate')
  refused('acme-name: pbx.example.com', /^acme-name needs the terms of service of https.* set acme-agree-terms: true$/)
  refused('acme-name: pbx.example.com\nacme-agree-terms: false', /set acme-agree-terms: true$/)
  const wildcard = "acme-name: '*.example.com'\nacme-agree-terms: true\n"
  refused(wildcard, /^acme-name \*\.example\.com can be proven by DNS alone; set acme-dns-hook/)
  t.match(load(`${wildcard}acme-dns-hook: /etc/hook`), { names: ['*.example.com'], dnsHook: '/etc/hook' })
})

t.test('a TURN server: where its secret stands', async (t) => {
  const secret = 'a secret of 16 or more'
  const directory = t.testdir({ secret: `${secret}\n`, short: 'short\n', 'offhook.yaml': '' })
  const load = (text: string) => {
    const file = join(directory, 'offhook.yaml')
    writeFileSync(file, `turn-urls: turn:turn.example.com:3478\n${text}`)
    return loadOptions(file, {}, 2).turn
  }
  const refused = (text: string, message: RegExp) => t.throws(() => load(text), { code: 'CONFIG_INVALID', message })
  const turn = { urls: ['turn:turn.example.com:3478'], secret }
  t.same(load(`turn-secret: ${secret}`), turn)
  t.same(load(`turn-secret-file: ${join(directory, 'secret')}`), turn)
  refused('', /^turn-urls needs the secret of the TURN server; set turn-secret-file$/)
  refused(`turn-secret: ${secret}\nturn-secret-file: x`, /both set; take one of them out$/)
  refused('turn-secret-file: /nowhere/secret', /^cannot read the turn-secret-file \/nowhere\/secret \(ENOENT\); /)
  refused(`turn-secret-file: ${join(directory, 'short')}`, /holds less than 16 characters; /)
})

t.test('authorities that trunks are trusted by', async (t) => {
  const certificate = readFileSync('test/config/authority.pem', 'utf8')
  const directory = t.testdir({
    'ca.pem': `# ours\n${certificate}${certificate}`,
    'key.pem': 'no certificate',
    'bad.pem': certificate.replace('MII', 'AAA'),
  })
  const load = (name: string) => loadOptions(null, { 'tls-ca': join(directory, name) }).tlsAuthorities
  t.equal(load('ca.pem'), `# ours\n${certificate}${certificate}`)
  for (const name of ['key.pem', 'bad.pem']) {
    t.throws(() => load(name), {
      code: 'CONFIG_INVALID',
      message: /holds no certificates that can be read; put those of/,
    })
  }
  t.throws(() => load('none.pem'), {
    code: 'CONFIG_INVALID',
    message: /^cannot read the tls-ca .*none.pem \(ENOENT\); /,
  })
})
