/** What the differential test uses of the package `sip`, as that gives it; it brings no types of its own. */
declare module 'sip' {
  export interface KirmAddress<Uri> {
    readonly name?: string
    readonly uri: Uri
    readonly params: Readonly<Record<string, string | null>>
  }

  export interface KirmUri {
    readonly schema: string
    readonly user?: string
    readonly password?: string
    readonly host: string
    /** NaN: there is none. */
    readonly port: number
    readonly params: Readonly<Record<string, string | null>>
    readonly headers: Readonly<Record<string, string>>
  }

  export interface KirmVia {
    readonly protocol: string
    readonly host: string
    readonly port?: number
    readonly params: Readonly<Record<string, string | null>>
  }

  export interface KirmMessage {
    readonly method?: string
    readonly uri?: string
    readonly status?: number
    readonly reason?: string
    readonly content: string
    /** Whatever it could not read is left out. */
    readonly headers: {
      readonly via?: readonly KirmVia[]
      readonly from?: KirmAddress<string>
      readonly to?: KirmAddress<string>
      readonly 'call-id'?: string
      readonly cseq?: { readonly seq: number; readonly method: string }
      readonly contact?: readonly KirmAddress<string>[]
      readonly route?: readonly KirmAddress<KirmUri | undefined>[]
    }
  }

  const sip: { parse(bytes: Uint8Array): KirmMessage | undefined }
  export default sip
}
