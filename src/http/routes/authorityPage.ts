/** What the page of the authority looks like: no style may stand in the page itself. */
export const authorityStyle = `:root { color-scheme: light dark }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem }
code { overflow-wrap: anywhere }
a.get { display: inline-block; padding: .6rem 1rem; border: 2px solid; border-radius: .5rem; font-weight: 600 }
`

interface Steps {
  readonly system: string
  readonly steps: readonly string[]
}

const SYSTEMS: readonly Steps[] = [
  {
    system: 'Windows (Chrome, Edge)',
    steps: [
      'Open the file, choose <b>Install Certificate</b>, then <b>Current User</b>.',
      'Choose <b>Place all certificates in the following store</b>, <b>Browse</b>, <b>Trusted Root Certification Authorities</b>.',
      'Finish, answer the question with <b>Yes</b>, and start the browser again.',
    ],
  },
  {
    system: 'macOS (Safari, Chrome)',
    steps: [
      'Open the file: Keychain Access takes it, into the keychain <b>login</b>.',
      'Open <b>Offhook on …</b> there by a double click, then <b>Trust</b>, and choose <b>Always Trust</b>.',
      'Close the window; it asks for your password. Load the page again.',
    ],
  },
  {
    system: 'iPhone and iPad',
    steps: [
      'Open this page in Safari and load the file: it says that a profile was downloaded.',
      'In Settings, tap <b>Profile Downloaded</b>, then <b>Install</b>.',
      'In Settings, General, About, <b>Certificate Trust Settings</b>, switch <b>Offhook on …</b> on.',
    ],
  },
  {
    system: 'Android',
    steps: [
      'Load the file. In Settings, look for <b>CA certificate</b> (under Security, Encryption &amp; credentials, Install a certificate).',
      'Choose <b>Install anyway</b> and the file. Load the page again in Chrome.',
    ],
  },
  {
    system: 'Firefox, on any computer',
    steps: [
      'In Settings, Privacy &amp; Security, choose <b>View Certificates</b>, then <b>Authorities</b>, <b>Import</b>, and the file.',
      'Tick <b>Trust this CA to identify websites</b>.',
    ],
  },
  {
    system: 'Linux (Chrome, Chromium)',
    steps: [
      'Open <code>chrome://certificate-manager</code> (in older versions Settings, Privacy and security, Security, Manage certificates, Authorities).',
      'Import the file and tick <b>Trust this certificate for identifying websites</b>.',
    ],
  },
]

/** The page with the steps for each system. `fingerprint`: SHA-256, in hex with colons; `until`: when it ends. */
export function authorityPage(fingerprint: string, until: string): string {
  return html(`<h1>Trust this phone system</h1>
<p>This server made its own certificate, so your browser does not know it yet. Install the certificate of its authority once
on each device, and the warning is gone. It speaks for the names of this server, and for addresses, only.</p>
<p><a class="get" href="/ca.crt">Get the certificate</a></p>
<p>Before you trust it, compare its SHA-256 fingerprint with what the person who runs the server tells you
(<code>offhook status</code> shows it):<br><code>${fingerprint}</code><br>It is good until ${until}.</p>
${SYSTEMS.map(section).join('\n')}
<p><a href="/">Back to the phone</a></p>`)
}

/** The page where nothing is to be installed. */
export const noAuthorityPage = html(`<h1>Nothing to install</h1>
<p>This server has a certificate that was given to it. If your browser warns of it, tell the person who runs the server.</p>
<p><a href="/">Back to the phone</a></p>`)

function section({ system, steps }: Steps): string {
  return `<h2>${system}</h2>\n<ol>\n${steps.map((step) => `<li>${step}</li>`).join('\n')}\n</ol>`
}

function html(body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Offhook: certificate</title>
<link rel="stylesheet" href="/ca.css">
</head>
<body>
${body}
</body>
</html>
`
}
