import type { Sound } from '../audio.ts'

/** What a phone needs to know of its server: what `offhook serve` prints for a user. */
export interface Account {
  readonly user: string
  readonly password: string
  /** HOST:PORT */
  readonly server: string
  readonly transport: 'udp' | 'tcp'
}

/** A real phone: a program that nobody here wrote. Each step waits for the phone to say it happened, or rejects. */
export interface Phone {
  registers(): Promise<void>
  /** Dials `number` at its server; resolves when the phone has taken the order. */
  calls(number: string): Promise<void>
  rings(): Promise<void>
  answers(): Promise<void>
  /** The call is answered, seen from this side. */
  talks(): Promise<void>
  /** Has recorded `seconds` of audio, counted from the start of the call. */
  listens(seconds: number): Promise<void>
  holds(): Promise<void>
  resumes(): Promise<void>
  hangsUp(): Promise<void>
  /** The call is over, seen from this side; resolves with the reason the phone gives. */
  ends(): Promise<string>
  /** What it heard in its last call, which must be over. */
  recording(): Sound
  /** All that the program wrote, for a failure's report. */
  output(): string
  stop(): Promise<void>
}
