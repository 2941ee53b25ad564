/** How a public certificate is got by ACME, RFC 8555. Whoever sets this has agreed to the terms of service. */
export interface AcmeOptions {
  /** The names in the certificate, lower case; `*.` before one stands for all names below it. */
  readonly names: readonly string[]
  /** Where the certificate authority writes to; null: nowhere. */
  readonly email: string | null
  /** The URL of the authority's directory. */
  readonly directory: string
  /** Where HTTP-01 is answered; the authority asks port 80. */
  readonly httpPort: number
  /** The program that puts DNS-01's records in place; null: HTTP-01 is used. */
  readonly dnsHook: string | null
}
