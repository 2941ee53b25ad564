import type { LegId, RoomId } from '../engine.ts'
import type { MediaLeg } from '../mediaLeg.ts'
import type { Ticker } from '../ticker.ts'
import { Room } from './room.ts'

/** The rooms of one thread, each there while somebody is in it. A leg is in one at a time. */
export class Rooms {
  readonly #ticker: Ticker
  readonly #spoken: (room: RoomId, speakers: readonly LegId[]) => void
  readonly #rooms = new Map<RoomId, Room>()

  /** `spoken` is told who talks in a room, whenever others do than before. */
  constructor(ticker: Ticker, spoken: (room: RoomId, speakers: readonly LegId[]) => void) {
    this.#ticker = ticker
    this.#spoken = spoken
  }

  /** Who is in the room: somebody, if it is there. */
  member(id: RoomId): LegId | null {
    return this.#rooms.get(id)?.member ?? null
  }

  enter(id: RoomId, leg: MediaLeg): void {
    this.leave(leg)
    const room = this.#rooms.get(id) ?? new Room(this.#ticker, (speakers) => this.#spoken(id, speakers))
    this.#rooms.set(id, room)
    room.join(leg.id, leg.rtp)
    leg.room = { id, room }
  }

  /** Takes the leg out of its room, if it is in one. */
  leave(leg: MediaLeg): void {
    if (!leg.room) return
    const { id, room } = leg.room
    room.leave(leg.id)
    leg.room = null
    if (room.member === null) this.#rooms.delete(id)
  }
}
