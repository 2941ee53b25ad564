/** What a provider asks of those who call over it: the password of an account, or to come from an address of its list. */
export type Access =
  | {
      readonly kind: 'accounts'
      /** Passwords by account; an account's number calls come for are in `numbers`. */
      readonly passwords: Readonly<Record<string, string>>
      readonly algorithm: 'MD5' | 'SHA-256'
      /** What a wrong password is answered: challenged again, or forbidden. */
      readonly wrongPassword: 401 | 403
      /** The most it grants a registration, seconds. */
      readonly expires: number
      /** Whether registrations outlive a restart. */
      readonly keepsRegistrations: boolean
    }
  | { readonly kind: 'addresses'; readonly customers: readonly string[] }

/** One of the provider's numbers that belongs to the customer. */
export interface OwnedNumber {
  /** E.164 with its plus. */
  readonly number: string
  /** Calls go to the contact registered for this account, or to this HOST:PORT. */
  readonly to: { readonly account: string } | { readonly address: string }
}

/** How a provider writes numbers, and insists on them: `+4930…`, `4930…` or `030…`; any: takes all three and `00…`. */
export type ProviderNumbers = 'e164' | 'plain' | 'national' | 'any'

export interface KamailioOptions {
  /** Its IPv4 address. */
  readonly address: string
  readonly port: number
  /** Its certificate and key, PEM, and where it listens for TLS; null: nowhere. */
  readonly tls: { readonly chain: string; readonly key: string; readonly port: number } | null
  /** The realm of its challenges, and its domain. */
  readonly realm: string
  readonly access: Access
  /** From where the phone network calls. */
  readonly networkAddress: string
  readonly owned: readonly OwnedNumber[]
  readonly numbers: ProviderNumbers
  /** Its country's calling code, as in 49. */
  readonly countryCode: string
  /** Where the called number stands in an INVITE to a customer, besides To. */
  readonly calledNumberIn: 'request-uri' | 'to' | 'p-called-party-id'
}

/** The configuration of Debian's Kamailio 5.6 as a provider. All its files are in its working directory, `dir`. */
export function kamailioConfig(options: KamailioOptions, dir: string): string {
  return [globals(options), modules(options, dir), tables(options), requests(options), inbound(options)].join('\n')
}

function globals({ address, port, realm, tls }: KamailioOptions): string {
  const encrypted = tls ? `enable_tls=yes\nlisten=tls:${address}:${tls.port}` : ''
  return `#!KAMAILIO
debug=1
log_stderror=yes
log_prefix="{$mt} "
memdbg=5
memlog=5
children=1
tcp_children=1
socket_workers=1
auto_aliases=no
tcp_accept_no_cl=yes
dns_try_ipv6=no
server_header="Server: provider"
user_agent_header="User-Agent: provider"
listen=udp:${address}:${port}
listen=tcp:${address}:${port}
${encrypted}
alias="${realm}"
`
}

function modules({ access, tls }: KamailioOptions, dir: string): string {
  const names = ['tm', 'sl', 'rr', 'pv', 'maxfwd', 'textops', 'siputils', 'xlog', 'auth', 'htable', 'ctl', 'kex']
  const keeps = access.kind === 'accounts' && access.keepsRegistrations
  const all = [...(keeps ? ['db_text'] : []), ...names, 'usrloc', 'registrar', 'nathelper', ...(tls ? ['tls'] : [])]
  const algorithm = access.kind === 'accounts' && access.algorithm === 'SHA-256' ? 'SHA-256' : ''
  return `${all.map((name) => `loadmodule "${name}.so"`).join('\n')}
modparam("ctl", "binrpc", "unix:${dir}/control")
modparam("tm", "fr_timer", 30000)
modparam("tm", "fr_inv_timer", 60000)
modparam("xlog", "buf_size", 65536)
modparam("auth", "algorithm", "${algorithm}")
modparam("registrar", "max_expires", ${access.kind === 'accounts' ? access.expires : 3600})
modparam("registrar", "default_expires", 3600)
modparam("registrar", "append_branches", 0)
modparam("nathelper|registrar", "received_avp", "$avp(received)")
modparam("usrloc", "timer_interval", 5)
modparam("usrloc", "db_mode", ${keeps ? 1 : 0})
${tls ? encryption(dir) : ''}
${keeps ? `modparam("usrloc", "db_url", "text://${dir}/database")\nmodparam("db_text", "db_mode", 1)` : ''}
`
}

// With its own choice of versions, 1.2 alone, it finds no algorithm to sign with.
function encryption(dir: string): string {
  return `modparam("tls", "tls_method", "TLSv1.2+")
modparam("tls", "certificate", "${dir}/chain.pem")
modparam("tls", "private_key", "${dir}/key.pem")`
}

/** Tables in memory; those that tests change from outside are `behaviour`, `network` and `refused`. */
function tables({ access, owned }: KamailioOptions): string {
  const names = ['behaviour', 'network', 'refused', 'accounts', 'customers', 'account_of', 'address_of']
  const rows = [
    ...(access.kind === 'accounts' ? Object.entries(access.passwords).map(row('accounts')) : []),
    ...(access.kind === 'addresses' ? access.customers.map((address) => row('customers')([address, 'yes'])) : []),
    ...owned.map(({ number, to }) =>
      'account' in to ? row('account_of')([number, to.account]) : row('address_of')([number, to.address]),
    ),
  ]
  return `${names.map((name) => `modparam("htable", "htable", "${name}=>size=6")`).join('\n')}
event_route[htable:mod-init] {
  $sht(behaviour=>is) = "normal";
  ${rows.join('\n  ')}
}
`
}

function row(table: string): (entry: readonly [string, string]) => string {
  return ([key, value]) => `$sht(${table}=>${key}) = "${value}";`
}

function requests(options: KamailioOptions): string {
  return `
request_route {
  xlog("L_NOTICE", "captured $proto $si $sp $(mb{s.encode.base64})\\n");
  if ($sht(behaviour=>is) == "silent") exit;
  if ($sht(behaviour=>is) == "unavailable") {
    if (!is_method("ACK")) sl_send_reply("503", "Service Unavailable");
    exit;
  }
  if (!mf_process_maxfwd_header("20")) { sl_send_reply("483", "Too Many Hops"); exit; }
  force_rport();
  if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
  if (has_totag()) { route(IN_DIALOG); exit; }
  if (!is_method("ACK")) t_check_trans();
  if ($si == "${options.networkAddress}") { route(FROM_NETWORK); exit; }
  if ($sht(behaviour=>is) == "redirects") {
    append_to_reply("Contact: <sip:$rU@${options.address}:${options.port}>\\r\\n");
    sl_send_reply("302", "Moved Temporarily"); exit;
  }
  if ($sht(behaviour=>is) == "forbids") { sl_send_reply("403", "Forbidden"); exit; }
  ${options.access.kind === 'accounts' ? byAccount(options, options.access) : byAddress()}
  if (!is_method("INVITE")) { sl_send_reply("405", "Method Not Allowed"); exit; }
  route(TO_NETWORK);
}

route[IN_DIALOG] {
  if (loose_route()) {
    if ($du == $null) handle_ruri_alias();
    t_relay(); exit;
  }
  if (is_method("ACK")) { if (t_check_trans()) t_relay(); exit; }
  sl_send_reply("404", "Not here");
}

route[TO_NETWORK] {
  if ($sht(behaviour=>is) == "holds") { t_newtran(); t_reply("100", "Trying"); exit; }
  ${canonical(options)}
  if ($sht(refused=>$rU) != $null) {
    $var(status) = $(sht(refused=>$rU){s.int});
    sl_send_reply("$var(status)", "As It Was Told To");
    exit;
  }
  if ($sht(network=>$rU) == $null) { sl_send_reply("404", "Unknown Number"); exit; }
  $du = $sht(network=>$rU);
  if ($proto != "udp") set_contact_alias();
  record_route();
  if ($sht(behaviour=>is) == "mute") { t_set_auto_inv_100("0"); t_on_reply("MUTE"); }
  t_relay();
}

# A customer's connection is kept for what goes to him, as if he were behind a NAT.
onreply_route {
  if ($proto != "udp" && is_present_hf("Contact")) set_contact_alias();
  return(1);
}

onreply_route[MUTE] {
  if (status =~ "1[0-9][0-9]") drop;
}
`
}

function byAccount({ realm, countryCode }: KamailioOptions, access: Access & { kind: 'accounts' }): string {
  const wrong =
    access.wrongPassword === 403 ? 'if ($var(known) == -2) { sl_send_reply("403", "Forbidden"); exit; }' : ''
  const known = `pv_www_authenticate("${realm}", "$sht(accounts=>$au)", "0")`
  return `
  if (is_method("OPTIONS")) { sl_send_reply("200", "OK"); exit; }
  $var(realm) = "${realm}"; $var(country) = "${countryCode}";
  if (is_method("REGISTER")) {
    if ($sht(behaviour=>is) == "challenges") { www_challenge("${realm}", "1"); exit; }
    $var(known) = 0;
    if ($au == $null) { www_challenge("${realm}", "1"); exit; }
    if ($sht(accounts=>$au) == $null) { sl_send_reply("403", "Unknown Account"); exit; }
    if (!${known}) {
      $var(known) = $rc;
      ${wrong}
      www_challenge("${realm}", "1"); exit;
    }
    if ($tU != $au) { sl_send_reply("403", "Not Your Account"); exit; }
    if ($proto != "udp") fix_nated_register();
    if (!save("location")) sl_reply_error();
    exit;
  }
  if (is_method("ACK")) exit;
  if ($sht(behaviour=>is) == "challenges") { proxy_challenge("${realm}", "1"); exit; }
  if ($au == $null) { proxy_challenge("${realm}", "1"); exit; }
  if ($sht(accounts=>$au) == $null) { sl_send_reply("403", "Unknown Account"); exit; }
  if (!${known.replace('www', 'proxy')}) {
    $var(known) = $rc;
    ${wrong}
    proxy_challenge("${realm}", "1"); exit;
  }
  consume_credentials();`
}

function byAddress(): string {
  return `
  if (is_method("ACK")) exit;
  if ($sht(customers=>$si) == $null) { sl_send_reply("403", "Address Not Allowed"); exit; }
  if (is_method("OPTIONS")) { sl_send_reply("200", "OK"); exit; }`
}

/** Makes the Request-URI's user the number's E.164 form, as the phone network knows it; else 484. */
function canonical({ numbers, countryCode }: KamailioOptions): string {
  const forms = {
    e164: `if ($rU =~ "^\\+[1-9][0-9]+$") { $var(number) = $rU; }`,
    plain: `if ($rU =~ "^[1-9][0-9]+$") { $var(number) = "+" + $rU; }`,
    international: `if ($rU =~ "^00[1-9][0-9]+$") { $var(number) = "+" + $(rU{s.substr,2,0}); }`,
    national: `if ($rU =~ "^0[1-9][0-9]+$") { $var(number) = "+${countryCode}" + $(rU{s.substr,1,0}); }`,
  }
  const taken = {
    e164: [forms.e164],
    plain: [forms.plain],
    national: [forms.national, forms.international],
    any: Object.values(forms),
  }[numbers]
  return `$var(number) = "";
  ${taken.join('\n  ')}
  if ($var(number) == "") { sl_send_reply("484", "Address Incomplete"); exit; }
  $rU = $var(number);`
}

function inbound({ realm, calledNumberIn, access }: KamailioOptions): string {
  return `
route[FROM_NETWORK] {
  if (!is_method("INVITE")) { sl_send_reply("200", "OK"); exit; }
  $var(called) = $rU;
  if ($fU != "anonymous") append_hf("P-Asserted-Identity: <sip:$fU@${realm}>\\r\\n");
  else append_hf("Privacy: id\\r\\n");
  ${calledNumberIn === 'p-called-party-id' ? `append_hf("P-Called-Party-ID: <sip:$var(called)@${realm}>\\r\\n");` : ''}
  if ($sht(account_of=>$var(called)) != $null) {
    $ru = "sip:" + $sht(account_of=>$var(called)) + "@${realm}";
    ${access.kind === 'accounts' ? 'if (!lookup("location")) { sl_send_reply("480", "Not Registered"); exit; }' : ''}
    ${calledNumberIn === 'request-uri' ? '$rU = $var(called);' : ''}
  } else if ($sht(address_of=>$var(called)) != $null) {
    $ru = "sip:" + $var(called) + "@" + $sht(address_of=>$var(called));
  } else { sl_send_reply("404", "Unknown Number"); exit; }
  record_route();
  t_relay();
}
`
}
